package stack

import (
	"bytes"
	"cmp"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"text/template"
)

// The environment variables secrets travel in: configuration files hold none.
const (
	envSMPP  = "MLANGO_SMPP_PASSWORD"
	envRedis = "MLANGO_REDIS_PASSWORD"
)

// files is the two configuration files as a template.
const files = `
{{define "ledgerd"}}# Written by the simulator for its own ledgerd.
listen: {{.Ports.Ledger}}
admin: {{.Ports.LedgerAdmin}}
data: ./ledgerd
one_person: true # the demo world's money is nobody's
{{end}}
{{define "gateway"}}# Written by the simulator for its own gateway.
name: {{.Name}}
listen: {{.Ports.HTTP}}
admin: {{.Ports.GatewayAdmin}}
data: ./{{.Folder}}
short_codes: ["334"]
{{with .Expires}}expires: {{.}}
{{end}}{{with .Menu}}menus: {{q .}}
{{end}}{{with .Approvers}}approvers:
{{range .}}  - {person: {{q .Person}}, key: {{q .Key}}}
{{end}}{{end}}ledger: {node: {{q .Ports.Ledger}}}
{{with .Redis}}redis:
  addrs: [{{q .Addr}}]
  db: {{.DB}}
{{with .User}}  user: {{q .}}
{{end}}{{if .Password}}  password_env: ` + envRedis + `
{{end}}{{else}}store: memory
{{end}}{{with .Ports.Partners}}partners:
  listen: {{.}}
  who:
    - {name: ` + Partner + `, till: "` + PartnerTill + `", per_minute: 6000, sign_file: ./` + partnerFile + `}
{{end}}operators:
  - name: {{q .Far.Name}}
    {{if .Binds}}role: smsc
    {{end}}home: {{.Home}}
    prefixes: ["254"]
    sender: M-WALLET
    ussd: { {{if .HTTP}}http: {{q .Web}}{{if .Far.Pushes}}, push: {url: {{q .Far.Pushes}}}{{end}}{{else}}smpp: {{q .SMPP}}{{end}} }
    binds:
{{range .Sets}}      - set: {{.Set}}
        {{if .HTTP}}http: {{.HTTP}}
        url: {{q .URL}}
        {{else}}host: {{q .Host}}
        port: {{.Port}}
        binds: {{$.Far.Binds}}
        {{end}}{{with .Allow}}allow: [{{q .}}]
        {{end}}system_id: {{q .SystemID}}
        password_env: ` + envSMPP + `
        window: {{$.Far.Window}}
{{end}}{{with .Sandbox}}  - name: {{q .}}
    home: {{$.SandboxHome}}
    prefixes: ["255"]
    sender: M-WALLET
    ussd: {http: africastalking}
    binds:
      - set: sms
        host: {{q $.Host}}
        port: {{$.Port}}
        system_id: {{q $.Far.SMSSystemID}}
        password_env: ` + envSMPP + `
{{end}}{{end}}`

// quote writes a scalar that YAML takes as text.
func quote(s string) string { return fmt.Sprintf("%q", s) }

// bindSet is one set of the operator's binds. Allow is set where the operator
// binds to Host and Port; HTTP and URL where an SMS API stands in a bind's place.
type bindSet struct{ Set, SystemID, Host, Port, Allow, HTTP, URL string }

// redisParts is a redis:// URL taken apart.
type redisParts struct{ Addr, DB, User, Password string }

// redis takes the URL apart; nil means no Redis.
func (c *Config) redis() (*redisParts, error) {
	if c.Redis == "" {
		return nil, nil
	}
	u, err := url.Parse(c.Redis)
	if err != nil || u.Scheme != "redis" || u.Host == "" {
		return nil, fmt.Errorf("%w: --redis %q is not redis://host:port[/db]", ErrConfig, redacted(u, c.Redis))
	}
	p := &redisParts{Addr: u.Host, DB: strings.Trim(u.Path, "/"), User: u.User.Username()}
	if u.Port() == "" {
		p.Addr = net.JoinHostPort(u.Hostname(), "6379")
	}
	if p.DB == "" {
		p.DB = "0"
	}
	p.Password, _ = u.User.Password()
	return p, nil
}

// redacted is a URL that may be printed.
func redacted(u *url.URL, text string) string {
	if u == nil {
		return strings.Repeat("*", min(len(text), 3))
	}
	return u.Redacted()
}

// secondYAML is another gateway's, on ports of its own.
func (s *Stack) secondYAML() ([]byte, error) {
	if s.cfg.Redis == "" || s.cfg.Binds {
		return nil, fmt.Errorf("%w: two gateways share a Redis, and one USSD centre binds to one", ErrConfig)
	}
	other := *s
	other.ports.HTTP, other.ports.GatewayAdmin, other.ports.Partners = s.ports.Second, s.ports.SecondAdmin, s.ports.SecondPartners
	return other.gateway("gw2", Second)
}

// gatewayYAML is the gateway's configuration.
func (s *Stack) gatewayYAML() ([]byte, error) { return s.gateway("gw1", Gateway) }

// gateway is the configuration of one of that name, with a data folder of that name.
func (s *Stack) gateway(name, folder string) ([]byte, error) {
	host, port, err := net.SplitHostPort(s.cfg.Far.Addr)
	if err != nil {
		return nil, fmt.Errorf("stack: the operator's address: %w", err)
	}
	redis, err := s.cfg.redis()
	if err != nil {
		return nil, err
	}
	menu := s.cfg.Menu
	if menu != "" {
		if menu, err = filepath.Abs(menu); err != nil {
			return nil, fmt.Errorf("stack: the menu's file: %w", err)
		}
	}
	smpp := s.cfg.SMPP
	if strings.HasSuffix(smpp, ".yaml") {
		if smpp, err = filepath.Abs(smpp); err != nil {
			return nil, fmt.Errorf("stack: the dialect's file: %w", err)
		}
	}
	far := s.cfg.Far
	far.Binds, far.Window = max(far.Binds, 1), max(far.Window, 10)
	sets := []bindSet{{Set: "sms", SystemID: far.SMSSystemID, Host: host, Port: port}}
	if far.SMSAPI != "" {
		sets[0].HTTP, sets[0].URL = far.SMSAPI, "http://"+far.SMSAddr
	}
	if !s.cfg.HTTP {
		ussd := bindSet{Set: "ussd", SystemID: far.USSDSystemID, Host: host, Port: port}
		if s.cfg.Binds {
			if ussd.Host, ussd.Port, err = net.SplitHostPort(s.ports.USSD); err != nil {
				return nil, fmt.Errorf("stack: the USSD port: %w", err)
			}
			ussd.Allow = ussd.Host
		}
		sets = append([]bindSet{ussd}, sets...)
	}
	return render("gateway", map[string]any{
		"Name": name, "Folder": folder, "Approvers": s.cfg.Approvers, "Ports": s.ports, "Far": far, "Host": host, "Port": port, "Redis": redis,
		"HTTP": s.cfg.HTTP, "Binds": s.cfg.Binds, "SMPP": cmp.Or(smpp, "standard"), "Web": cmp.Or(s.cfg.Web, "africastalking"), "Expires": s.cfg.Expires, "Sets": sets, "Home": home,
		"Sandbox": s.cfg.Sandbox, "SandboxHome": home + 1, "Menu": menu,
	})
}

// ledgerdYAML is ledgerd's configuration.
func (s *Stack) ledgerdYAML() ([]byte, error) {
	return render("ledgerd", map[string]any{"Ports": s.ports})
}

func render(name string, data any) ([]byte, error) {
	t, err := template.New("").Funcs(template.FuncMap{"q": quote}).Parse(files)
	if err != nil {
		return nil, fmt.Errorf("stack: %w", err)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("stack: write %s.yaml: %w", name, err)
	}
	return bytes.TrimLeft(b.Bytes(), "\n"), nil
}

// env is the extra environment of a program.
func (s *Stack) env(name string) []string {
	extra := s.cfg.Env[name]
	if name != Gateway {
		return extra
	}
	extra = append(extra[:len(extra):len(extra)], envSMPP+"="+s.cfg.Far.Password)
	if redis, err := s.cfg.redis(); err == nil && redis != nil {
		extra = append(extra, envRedis+"="+redis.Password)
	}
	return extra
}
