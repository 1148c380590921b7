package binds

import (
	"log/slog"
	"time"
)

// Config is what a Pool needs: every operator we bind to.
type Config struct {
	Operators []Operator
	Tap       Tap          // sees every PDU of every bind; nil sees nothing
	Log       *slog.Logger // nil is silent
}

// Operator is one operator's binds, as `operators[i]` of the gateway's file
// holds them.
type Operator struct {
	Name  string `yaml:"name"`
	Binds []Bind `yaml:"binds"`
}

// Bind is one entry of an operator's `binds:`. Zero values mean the defaults
// that Check writes in.
type Bind struct {
	Set              Set           `yaml:"set"`  // ussd, sms or both
	HTTP             string        `yaml:"http"` // an aggregator's SMS API in place of a bind: see APIs
	URL              string        `yaml:"url"`  // of the API, where it is not the same for everybody
	Host             string        `yaml:"host"`
	Port             int           `yaml:"port"` // 2775; with TLS 3550
	SystemID         string        `yaml:"system_id"`
	PasswordEnv      string        `yaml:"password_env"`
	PasswordFile     string        `yaml:"password_file"`
	SystemType       string        `yaml:"system_type"`
	InterfaceVersion int           `yaml:"interface_version"` // 0x33, 0x34 or 0x50; 0x34
	Mode             string        `yaml:"mode"`              // trx, tx or rx; trx
	Standby          bool          `yaml:"standby"`           // sends only while no other bind of its set does
	AddressRange     string        `yaml:"address_range"`
	Binds            int           `yaml:"binds"`            // connections like this one; 1
	Window           int           `yaml:"window"`           // 10
	PerSecond        int           `yaml:"per_second"`       // messages; 0 is no limit
	EnquireLink      time.Duration `yaml:"enquire_link"`     // 30s
	ResponseTimeout  time.Duration `yaml:"response_timeout"` // 10s
	Inactivity       time.Duration `yaml:"inactivity"`       // without a message so long we unbind, and bind anew (SMPP 3.4 §7.2); 0 is never
	TLS              *TLS          `yaml:"tls"`

	// Password is read from PasswordEnv or PasswordFile by whoever loads the file.
	Password string `yaml:"-" secret:"true"`
}

// TLS is how a bind is encrypted; an empty block means the system's roots.
type TLS struct {
	CAFile     string `yaml:"ca_file"`
	CertFile   string `yaml:"cert_file"`
	KeyFile    string `yaml:"key_file"`
	ServerName string `yaml:"server_name"`
}

// Fault is something wrong in a configuration: where (a key path below the
// operator, such as `binds[0].port`), what, and how to mend it.
type Fault struct{ Path, What, Mend string }
