package app

import "time"

// Hurry sets how long Close waits for requests under way.
func (a *App) Hurry(patience time.Duration) { a.patience = patience }
