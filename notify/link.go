package notify

import (
	"sync"
	"sync/atomic"
)

// A link is a sink's side of the network. It is made at the sink's first use, so a function that
// keeps to its policy does not pay for it.
type link struct {
	once    sync.Once
	opened  atomic.Bool
	wire    wire
	aws     *awsClient
	secrets secrets
}

// open returns l, made with env. Later calls ignore env.
func (l *link) open(env *Env) *link {
	l.once.Do(func() {
		if env == nil {
			env = ReadEnv(nil)
		}
		// Both wires share the environment, but not their transports: AWS_CA_BUNDLE is for AWS's
		// alone.
		l.wire.env = env
		l.aws = newAWSClient(env)
		l.secrets = secrets{env: env, wire: &l.wire, aws: l.aws}
		l.opened.Store(true)
	})
	return l
}

// closeIdle closes the idle connections of both wires.
func (l *link) closeIdle() {
	// Connections and the environment come with the first send.
	if !l.opened.Load() {
		return
	}
	l.wire.closeIdle()
	l.aws.wire.closeIdle()
}
