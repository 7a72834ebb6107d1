package app

import "time"

// Hurry makes Close wait no longer for requests under way.
func (a *App) Hurry(patience time.Duration) { a.patience = patience }
