package session

import (
	"time"

	"github.com/redis/go-redis/v9"
)

// Limits of the Redis client.
const (
	clientPool = 64
	clientDial = time.Second
)

// ClientConfig says where Redis is: one address, a Sentinel set (with Master) or
// a cluster's nodes.
type ClientConfig struct {
	Addrs          []string
	Master         string
	DB             int
	User, Password string
}

// NewClient makes a client fit for this store and for the order streams: bounded
// pool, contexts heeded, its own retries off.
func NewClient(c ClientConfig) redis.UniversalClient {
	return redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: c.Addrs, MasterName: c.Master, DB: c.DB, Username: c.User, Password: c.Password,
		MaxRetries: -1, PoolSize: clientPool, DialTimeout: clientDial, ContextTimeoutEnabled: true, DisableIdentity: true,
	})
}
