package notify

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Closing idle connections before the first send does not decide the environment.
func TestCloseIdleBeforeTheFirstSend(t *testing.T) {
	env := testEnv(map[string]string{"AWS_REGION": "eu-west-1"})
	var l link
	l.closeIdle()
	l.open(env)
	assert.Same(t, env, l.wire.env)
	l.closeIdle()
}
