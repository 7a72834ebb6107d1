package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/recovery"
	"terrace/e2e/soak/check"
)

// cashier plays everyone who handles payments: two officers who release each one, and finance, who voids some of them
// and resolves those whose outcome the bank does not report.
type cashier struct {
	*soak
	mutex   sync.Mutex
	overdue map[string]concern // payments that were escalated and have not ended
	busy    sync.WaitGroup
}

// concern is what finance has to do about a payment.
type concern string

const (
	findOut concern = "find out what became of it"
	lookOut concern = "see whether the money comes back, which nobody asks the bank any more"
)

// hears handles an event.
func (c *cashier) hears(h happening) {
	if h.Name == "payment-came-home" {
		c.busy.Go(func() { c.repay(h) })
	}
	if h.Kind != "payment" {
		return
	}
	switch h.Name {
	case "opened":
		c.busy.Go(func() { c.release(h) })
	case "escalated":
		c.note(h.ID, findOut)
	case "voided", "returned", "settled", "finality-due":
		c.note(h.ID, "")
	}
}

// repay records money that the bank returned after it had been claimed back, as a repayment of the corresponding debt.
func (c *cashier) repay(h happening) {
	for ; c.ctx.Err() == nil; pause(c.ctx, time.Second) {
		book, err := c.booked(c.ctx)
		if err != nil || len(book[h.Payment]) != 2 {
			continue
		}
		number := book[h.Payment][1].Number
		recoveryID, found := c.debt(h)
		if !found {
			continue // not opened yet
		}
		slip, err := c.people.upload(zhuanglang.CountyFinance, "text/plain", fmt.Appendf(nil, "bank slip %s", number))
		if err != nil {
			return
		}
		payload := recovery.RecordRepayment{Fen: money.Fen(h.Fen), Voucher: number, Slip: slip}
		a, err := c.people.order(zhuanglang.CountyFinance, "/v1/recoveries/"+recoveryID+"/record-repayment", "repaid/"+number, payload)
		if err == nil && a.status != http.StatusOK {
			c.people.surprise.note("repayment of %s: %d %s", recoveryID, a.status, a.body)
		}
		c.people.counts.add("money that came home, entered as a repayment", 1)
		return
	}
}

// debt returns a recovery of the project with at least this amount outstanding.
func (c *cashier) debt(h happening) (id string, found bool) {
	for n := 1; ; n++ {
		id = fmt.Sprintf("%s.r%d", h.ID, n)
		told := struct {
			Left int64 `json:"left_fen"`
		}{}
		if err := c.see(zhuanglang.CountyFinance, "/v1/recoveries/"+id, &told); err != nil {
			return "", false
		}
		if told.Left >= h.Fen {
			return id, true
		}
	}
}

// note records what finance has to do about a payment, or that there is nothing left to do.
func (c *cashier) note(payment string, what concern) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if what == "" {
		delete(c.overdue, payment)
	} else {
		c.overdue[payment] = what
	}
}

// release has two officers release a payment, occasionally as if one clicked the button twice. For some pilots, finance
// voids the first attempts instead.
func (c *cashier) release(h happening) {
	if c.kindOf(h.Pilot) == voiding && strings.HasSuffix(h.ID, ".1") {
		c.settle(h.ID, "void", payment.VoidPayment{Reason: "账号待核实"})
		return
	}
	for _, who := range []string{zhuanglang.CountyFinance, zhuanglang.CountyApprover} {
		times := 1
		if rand.IntN(10) == 0 { //nolint:gosec // it need not be unpredictable
			times = 2
			c.people.counts.add("commands sent twice at once", 1)
		}
		var all sync.WaitGroup
		for range times {
			all.Go(func() { c.say(who, h.ID, "release", payment.ReleasePayment{}) })
		}
		all.Wait()
	}
}

func (c *cashier) settle(payment, command string, payload any) bool {
	return c.say(zhuanglang.CountyFinance, payment, command, payload)
}

// say sends an officer's command. It is not an error if the payment has moved on meanwhile.
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

// watchBank plays finance, who handles payments whose outcome or finality is overdue. It enters only what the bank's
// own records show.
func (c *cashier) watchBank(ctx context.Context) {
	for ; ctx.Err() == nil; pause(ctx, 2*time.Second) {
		c.mutex.Lock()
		overdue := maps.Clone(c.overdue)
		c.mutex.Unlock()
		if len(overdue) == 0 {
			continue
		}
		book, err := c.booked(ctx)
		if err != nil {
			continue // the bank is down
		}
		for payment, what := range overdue {
			c.enter(payment, what, book[payment])
		}
	}
}

// enter ends a payment as the bank's records show. If no money has moved, it leaves the payment to the workflow.
func (c *cashier) enter(paymentID string, what concern, movements []check.Transfer) {
	switch {
	case len(movements) == 1 && what == findOut:
		slip, err := c.people.upload(zhuanglang.CountyFinance, "text/plain", fmt.Appendf(nil, "bank slip %s", movements[0].Number))
		if err == nil && c.settle(paymentID, "confirm", payment.ConfirmPayment{Voucher: movements[0].Number, Slip: slip}) {
			c.people.counts.add("confirmed by finance", 1)
			c.note(paymentID, lookOut)
		} else {
			c.note(paymentID, "")
		}
	case len(movements) == 2:
		if c.settle(paymentID, "return-payment", payment.ReturnPayment{Reason: "户名不符"}) {
			c.people.counts.add("entered by finance as returned", 1)
		}
		c.note(paymentID, "")
	}
}

// booked returns the bank's transfers by reference.
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
