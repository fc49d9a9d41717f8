// Package recipes tests the recipes of docs/recipes.md, and the layers of package netguard, against
// the real libraries. Everything stays on loopback.
package recipes
