// Package sam holds the one policy of a repository of several functions, deployed by AWS SAM. The
// policy is embedded here, at the root, because go:embed takes no files of parent folders. Each
// function imports this package.
package sam

import _ "embed"

// Policy is policy.yaml, which has a section for each function.
//
//go:embed policy.yaml
var Policy []byte
