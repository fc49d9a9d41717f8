// Package policy says which outbound calls a function may make.
//
// [Parse] turns a policy file into a [Policy] for one function and stage, and [Policy.Decide]
// judges a call by it.
//
// The file is YAML; policy.example.yaml shows and explains all of the language, and
// policy.schema.json is its schema for editors. One principle holds throughout: what a rule leaves
// out is read the safe way, narrow in a whitelist and wide in a blacklist. [ParseFile] checks a
// whole file, and [File.For] compiles the sections that apply to one function; both report
// everything that is wrong at once, as [Errors], each with its place, the problem and the fix. What
// is valid, but probably not what the author intended, is a [Warning]. [Join] lets several policies
// judge side by side, so that none can loosen another.
//
// The package is pure: it opens no connection, knows no AWS SDK and keeps no global state. A Policy
// is compiled once and never changes, so any number of goroutines may use it.
package policy
