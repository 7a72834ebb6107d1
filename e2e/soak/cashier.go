package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain/pilot"
	"terrace/e2e/soak/check"
)

// cashier is everybody who has to do with payments: two officers who release each, and finance, who gives some up and finds out
// what the bank keeps to itself.
type cashier struct {
	*soak
	mutex   sync.Mutex
	overdue map[string]bool // payments that were escalated and have not ended
	busy    sync.WaitGroup
}

// hears is told of every event of a payment.
func (c *cashier) hears(h happening) {
	switch h.Name {
	case "opened":
		c.busy.Go(func() { c.release(h) })
	case "escalated":
		c.note(h.ID, true)
	case "voided", "returned", "settled":
		c.note(h.ID, false)
	}
}

func (c *cashier) note(payment string, overdue bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if overdue {
		c.overdue[payment] = true
	} else {
		delete(c.overdue, payment)
	}
}

// release lets two officers release a payment, now and then by pressing twice. Finance gives up the first attempts of some pilots.
func (c *cashier) release(h happening) {
	if c.kindOf(h.Pilot) == voiding && strings.HasSuffix(h.ID, ".1") {
		c.settle(h.ID, "void", pilot.VoidPayment{Reason: "账号待核实"})
		return
	}
	for _, who := range []string{zhuanglang.CountyFinance, zhuanglang.CountyApprover} {
		times := 1
		if rand.IntN(10) == 0 { //nolint:gosec // nobody guesses it
			times = 2
			c.people.counts.add("commands sent twice at once", 1)
		}
		var all sync.WaitGroup
		for range times {
			all.Go(func() { c.say(who, h.ID, "release", pilot.ReleasePayment{}) })
		}
		all.Wait()
	}
}

func (c *cashier) settle(payment, command string, payload any) bool {
	return c.say(zhuanglang.CountyFinance, payment, command, payload)
}

// say sends an officer's word, which comes too late where the payment has gone on meanwhile.
func (c *cashier) say(who, payment, command string, payload any) bool {
	path := "/v1/payments/" + payment + "/" + command
	a, err := c.people.order(who, path, payment+"/"+command, payload)
	switch {
	case err != nil:
		return false
	case a.status == http.StatusConflict:
		c.people.counts.add("officers who came too late", 1)
	case a.status != http.StatusOK:
		c.people.surprise.note("%s by %s: %d %s", path, who, a.status, a.body)
	}
	return a.status == http.StatusOK
}

// findOut is finance, to whom a payment falls of which the bank has not said for too long what became of it, or whether it stayed.
// Nothing is entered but what the bank's own record shows.
func (c *cashier) findOut(ctx context.Context) {
	confirmed := map[string]bool{}
	for ; ctx.Err() == nil; pause(ctx, time.Second) {
		c.mutex.Lock()
		overdue := slices.Sorted(maps.Keys(c.overdue))
		c.mutex.Unlock()
		if len(overdue) == 0 {
			continue
		}
		book, err := c.booked(ctx)
		if err != nil {
			continue // the bank is down
		}
		for _, payment := range overdue {
			c.enter(payment, book[payment], confirmed)
		}
	}
}

// enter ends a payment by what the bank's record shows. Where nothing moved, the workflow finds out whether anything will.
func (c *cashier) enter(payment string, movements []check.Transfer, confirmed map[string]bool) {
	switch {
	case len(movements) == 1 && !confirmed[payment]:
		slip, err := c.people.upload(zhuanglang.CountyFinance, "text/plain", fmt.Appendf(nil, "bank slip %s", movements[0].Number))
		if err == nil && c.settle(payment, "confirm", pilot.ConfirmPayment{Voucher: movements[0].Number, Slip: slip}) {
			c.people.counts.add("confirmed by finance", 1)
		}
		confirmed[payment] = true
	case len(movements) == 2:
		if c.settle(payment, "return-payment", pilot.ReturnPayment{Reason: "户名不符"}) {
			c.people.counts.add("entered by finance as returned", 1)
		}
		c.note(payment, false)
	}
}

// booked are the bank's movements by reference.
func (c *cashier) booked(ctx context.Context) (map[string][]check.Transfer, error) {
	var all []check.Transfer
	if err := c.stack.ofBank(ctx, "/admin/transfers", &all); err != nil {
		return nil, err
	}
	book := map[string][]check.Transfer{}
	for _, t := range all {
		book[t.Reference] = append(book[t.Reference], t)
	}
	return book, nil
}
