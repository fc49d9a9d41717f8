package guard

import (
	"context"
	"testing"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/awsmiddleware"
)

// claimant is a step of the program's that says that it asks the guards.
type claimant struct{}

func (*claimant) ID() string          { return "Outguard" }
func (*claimant) Asks(guard any) bool { return true }
func (*claimant) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	return next.HandleInitialize(ctx, in)
}

// The build word adds the guard to every stack that an option has not added it to.
func TestHookedOperation(t *testing.T) {
	stack := middleware.NewStack("", smithyhttp.NewStackRequest)
	require.NoError(t, hookedOperation(stack))
	require.NoError(t, hookedOperation(stack))
	assert.Equal(t, []string{"Outguard"}, stack.Initialize.List())

	stack = middleware.NewStack("", smithyhttp.NewStackRequest)
	require.NoError(t, awsmiddleware.New(atCallTime{})(stack))
	require.NoError(t, hookedOperation(stack))
	assert.Equal(t, []string{"Outguard"}, stack.Initialize.List(), "an option has added it")

	stack = middleware.NewStack("", smithyhttp.NewStackRequest)
	require.NoError(t, stack.Initialize.Add(new(claimant), middleware.After))
	require.NoError(t, hookedOperation(stack))
	assert.Equal(t, []string{"Outguard", "Outguard2"}, stack.Initialize.List())
}
