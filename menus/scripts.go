package menus

import "embed"

//go:embed scripts/wallet.yaml
var scripts embed.FS

// WalletName is the built-in wallet's name in errors.
const WalletName = "scripts/wallet.yaml"

// Wallet is the source of the built-in wallet.
func Wallet() []byte {
	src, err := scripts.ReadFile(WalletName)
	if err != nil {
		return nil // cannot be: it is compiled in
	}
	return src
}
