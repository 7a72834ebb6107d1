package app

import "time"

// Hurry sets how long Close waits for requests in progress.
func (a *App) Hurry(patience time.Duration) { a.patience = patience }
