// Package recipetest has the recipes of docs/recipes.md as code that calls out, [All], and the same
// libraries without a guard, [Unwired]. Its tests run both against servers on loopback: the
// recipes, and the layers of package netguard under the libraries that are not wired. Module
// internal/matrixtest runs them too.
package recipetest
