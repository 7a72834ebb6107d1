package simulator

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"time"
)

// Admin returns the routes for controlling the simulated bank. They require no authentication, so expose them on this
// machine only.
//
//	GET  /admin/transfers   all transfers
//	GET  /admin/counts      how often the bank has misbehaved since it was opened
//	GET  /admin/faults      the current faults
//	POST /admin/faults      set faults, by a form with the command's flags: lose-answers=0.2&clear=2h
//	GET  /admin/clock       the bank's calendar
//	POST /admin/clock       move the calendar forward, by a form: now=2018-03-01T09:00:00+08:00
func (b *Bank) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /admin/transfers", func(w http.ResponseWriter, _ *http.Request) { show(w, b.Transfers()) })
	mux.HandleFunc("GET /admin/counts", func(w http.ResponseWriter, _ *http.Request) { show(w, b.Counts()) })
	mux.HandleFunc("GET /admin/faults", func(w http.ResponseWriter, _ *http.Request) { show(w, b.Faults().words()) })
	mux.HandleFunc("POST /admin/faults", b.postFaults)
	mux.HandleFunc("GET /admin/clock", b.showClock)
	mux.HandleFunc("POST /admin/clock", b.postClock)
	return mux
}

func show(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v)
}

// words returns the faults as texts, by flag name.
func (f Faults) words() map[string]string {
	words := map[string]string{}
	f.set().VisitAll(func(g *flag.Flag) { words[g.Name] = g.Value.String() })
	return words
}

func (f *Faults) set() *flag.FlagSet {
	set := flag.NewFlagSet("faults", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	f.Flags(set)
	return set
}

func (b *Bank) postFaults(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	faults := b.Faults()
	set := faults.set()
	for name, values := range r.PostForm {
		if err := set.Set(name, values[len(values)-1]); err != nil {
			http.Error(w, name+": "+err.Error(), http.StatusBadRequest)
			return
		}
	}
	if err := b.SetFaults(faults); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	show(w, faults.words())
}

func (b *Bank) showClock(w http.ResponseWriter, _ *http.Request) {
	show(w, map[string]string{"now": b.Now().Format(time.RFC3339)})
}

func (b *Bank) postClock(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	now, err := time.Parse(time.RFC3339, r.PostFormValue("now"))
	if err == nil {
		err = b.MoveTo(now)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.showClock(w, r)
}
