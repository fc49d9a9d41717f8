// Package deploy has no code: its tests read the templates and queries of this folder.
package deploy
