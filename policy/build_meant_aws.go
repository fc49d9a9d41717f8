package policy

import (
	"strings"

	"github.com/outguard/outguard/internal/awsops"
	"github.com/outguard/outguard/internal/pattern"
	"github.com/outguard/outguard/internal/rule"
)

// This file guesses which operation of AWS was meant by a text that is not one.

// ofOperation reads an operation that is written in another way.
func ofOperation(k rule.Kind, s string) []string {
	if k != rule.AWS {
		return nil
	}
	return pattern.MeantAWS(s)
}

// ofService reads a service alone: a blacklist forbids all of its operations.
func ofService(k rule.Kind, s string) []string {
	service := strings.TrimSuffix(s, ":")
	if _, known := awsops.Service(service); k != rule.AWS || !known {
		return nil
	}
	return []string{service + ":*"}
}
