package policy

import "errors"

// An awsPattern is a parsed aws: subject.
type awsPattern struct{ text string }

func parseAWSPattern(text string, list List) (awsPattern, error) {
	return awsPattern{}, errors.ErrUnsupported
}

// checkAWSRule checks what an aws: rule's parts mean together: access, regions, accounts, and whether the tables
// can know resources of that kind (a whitelist that names what can never be known is refused).
func checkAWSRule(r *rule) error { return errors.ErrUnsupported }
