package awsname

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestIsAccount(t *testing.T) {
	for _, id := range []string{"111122223333", "000000000000", "999999999999", "012345678901"} {
		assert.True(t, IsAccount(id), id)
	}
	for _, id := range []string{
		"", "11112222333", "1111222233334", "11112222333x", "1111222/3333", "1111222:3333", "1111-2222-33", "self", "111122223333 ",
	} {
		assert.False(t, IsAccount(id), id)
	}
}
