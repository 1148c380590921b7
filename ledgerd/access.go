package main

import (
	"fmt"

	"mlango/internal/conf"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// Roles are what the holder of one certificate may do, written as a list.
type Roles server.Role

// ReadConf reads a list of roles; an empty one is none.
func (r *Roles) ReadConf(n conf.Node) {
	n.Items(func(item conf.Node) {
		role, ok := server.ParseRole(item.Text())
		if !item.IsScalar() || !ok {
			item.Fail("no such role", "the roles are gateway, settlement, auditor, admin and partner")
		}
		*r |= Roles(role)
	})
}

// String is the roles' words.
func (r Roles) String() string { return server.Role(r).String() }

// checkAccess holds together who may do what.
func (c *Config) checkAccess(doc *conf.Doc) {
	if c.OnePerson && c.TLS != nil {
		doc.Fail("one_person", "one person alone does not go with tls, where two can be told apart", "take it away; it is for trying out on 127.0.0.1")
	}
	if len(c.Roles) > 0 && c.TLS == nil {
		doc.Fail("roles", "without certificates nobody can be told apart", "add tls: {ca_file, cert_file, key_file}, or take roles away")
	}
}

// checkConsumers names who may read the outbox beside sms.
func (c *Config) checkConsumers(doc *conf.Doc) {
	for i, name := range c.Consumers {
		if name != ledger.ConsumerPartner && name != ledger.ConsumerSettlement {
			doc.Fail(fmt.Sprintf("consumers[%d]", i), fmt.Sprintf("no consumer is called %.20q", name),
				"the consumers are partner and settlement; sms always reads, audit needs nothing kept")
		}
	}
}

// access is the same as the server takes it.
func (c *Config) access() server.Access {
	a := server.Access{OnePerson: c.OnePerson, Names: map[string]server.Role{}}
	for name, roles := range c.Roles {
		a.Names[name] = server.Role(roles)
	}
	return a
}
