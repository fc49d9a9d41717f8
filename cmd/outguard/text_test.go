package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCounted(t *testing.T) {
	assert.Equal(t, "0 rules", counted(0, "rule", "rules"))
	assert.Equal(t, "1 rule", counted(1, "rule", "rules"))
	assert.Equal(t, "2 rules", counted(2, "rule", "rules"))
	assert.Equal(t, "1 widens, 0 narrow", widenNarrow(1, 0))
	assert.Equal(t, "2 widen, 1 narrows", widenNarrow(2, 1))
	assert.Equal(t, "1 function and stage", places(1))
	assert.Equal(t, "2 functions and stages", places(2))
}
