package notify

import (
	"context"
	"strings"
)

// secrets reads what a value refers to.
type secrets struct{ wire wire }

func (s *secrets) get(ctx context.Context, value string) (string, error) {
	return strings.TrimSpace(value), nil
}

func (s *secrets) forget() {}
