package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/policy"
)

func TestAVariableThatLoosensIsAWarning(t *testing.T) {
	const file = "version: 1\nstage: prod\non_violation: {prod: \"${OUTGUARD_MODE:-block}\"}\nblacklist: [{http: a.example, on_violation: \"${RULE:-alert}\"}]\n"
	for _, c := range []struct {
		name, file string
		env        [2]string
		want       []string
	}{
		{"unset", file, [2]string{}, nil},
		{"alert", file, [2]string{"OUTGUARD_MODE", "alert"}, []string{`policy.yaml:3:22: OUTGUARD_MODE=alert loosens on_violation: in stage "prod" from block to alert; unset it when the incident is over`}},
		{"log", file, [2]string{"OUTGUARD_MODE", "log"}, []string{`policy.yaml:3:22: OUTGUARD_MODE=log loosens on_violation: in stage "prod" from block to log; unset it when the incident is over`}},
		{"the same", file, [2]string{"OUTGUARD_MODE", "block"}, nil},
		{"stricter", file, [2]string{"RULE", "block"}, nil},
		{"of a rule", file, [2]string{"RULE", "log"}, []string{`policy.yaml:4:45: RULE=log loosens on_violation: in stage "prod" from alert to log; unset it when the incident is over`}},
		{"without a default", "version: 1\non_violation: ${OUTGUARD_MODE}\nblacklist: []\n", [2]string{"OUTGUARD_MODE", "log"}, nil},
		{"without a stage", "version: 1\non_violation: ${OUTGUARD_MODE:-block}\nblacklist: []\n", [2]string{"OUTGUARD_MODE", "log"}, []string{`policy.yaml:2:15: OUTGUARD_MODE=log loosens on_violation: from block to log; unset it when the incident is over`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := policy.Env{Function: "pay", Getenv: func(name string) string {
				if name == c.env[0] {
					return c.env[1]
				}
				return ""
			}}
			p, err := policy.Parse("policy.yaml", []byte(c.file), env)
			require.NoError(t, err)
			var got []string
			for _, w := range p.Warnings() {
				got = append(got, w.String())
			}
			assert.Equal(t, c.want, got)
		})
	}
	central, err := policy.ParseCentral("policy.yaml", []byte("version: 1\nstage: prod\non_violation: ${OUTGUARD_MODE:-block}\nblacklist: []\n"))
	require.NoError(t, err)
	p, err := central.For(policy.Env{Function: "pay", Getenv: func(string) string { return "log" }})
	require.NoError(t, err)
	assert.Equal(t, policy.Block, p.Info()[0].OnViolation, "no variable loosens a central file")
	for _, w := range p.Warnings() {
		assert.NotContains(t, w.String(), "loosens")
	}
}
