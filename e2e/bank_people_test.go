package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/pilot"
)

// ask sends a request until somebody answers it. A write is sent again under its key, as people are told to.
func (o *ordeal) ask(who, method, path string, header map[string]string, body []byte) (a answer, answered bool) {
	for tries := 0; o.ctx.Err() == nil; tries++ {
		a, err := o.try(who, method, path, header, body)
		switch {
		case err != nil:
			o.counts.unanswered.Add(1)
		case a.Status == http.StatusServiceUnavailable:
			o.counts.away.Add(1)
		case a.Status >= http.StatusInternalServerError:
			o.t.Errorf("%s %s: %s", method, path, a)
			return a, false
		default:
			if tries > 0 && a.Header.Get("Idempotency-Replayed") == "true" {
				o.counts.repeated.Add(1)
			}
			return a, true
		}
		rest(o.ctx)
	}
	return a, false
}

// order sends a command.
func (o *ordeal) order(who, path, key string, payload any) (answer, bool) {
	text, err := json.Marshal(payload)
	if err != nil {
		panic(err) // our own types
	}
	return o.ask(who, http.MethodPost, path, map[string]string{"Idempotency-Key": key}, text)
}

// see reads something that must be there.
func see[T any](o *ordeal, who, path string) (v T, answered bool) {
	a, answered := o.ask(who, http.MethodGet, path, nil, nil)
	if !answered {
		return v, false
	}
	if err := json.Unmarshal(a.Body, &v); err != nil || a.Status != http.StatusOK {
		o.t.Errorf("%s: %s", path, a)
		return v, false
	}
	return v, true
}

// perform sends a command that must be accepted, as soon as a wait admits it and the workflows owe nothing.
func (o *ordeal) perform(who string, ref pilot.Ref, command, subject string, payload any) bool {
	for {
		a, answered := o.ask(reader, http.MethodGet, pathOf(ref), nil, nil)
		v := view{}
		switch {
		case !answered:
			return false
		case a.Status == http.StatusOK:
			if err := json.Unmarshal(a.Body, &v); err != nil {
				o.t.Errorf("%s: %v in %s", ref, err, a)
				return false
			}
		}
		if len(v.Progress.Duties) == 0 && slices.ContainsFunc(v.Progress.Turns, func(t pilot.TurnView) bool { return slices.Contains(t.Commands, command) }) {
			break
		}
		rest(o.ctx)
	}
	a, answered := o.order(who, pathOf(ref)+"/"+command, ref.ID+"/"+command+subject, payload)
	if answered && a.Status >= http.StatusBadRequest {
		o.t.Errorf("%s of %s: %s", command, ref, a)
	}
	return answered && a.Status < http.StatusBadRequest
}

// sign brings a pilot from its application to signed agreements, or to none.
func (o *ordeal) sign(d *dossier) {
	a, answered := o.order(zhuanglang.CountyOfficer, "/v1/pilots", fmt.Sprintf("draft-%d", d.number), pilot.Draft{Programme: worstCase, Application: d.application})
	receipt := pilot.Receipt{}
	if !answered || json.Unmarshal(a.Body, &receipt) != nil || a.Status != http.StatusCreated {
		o.t.Errorf("draft: %s", a)
		return
	}
	d.id = receipt.Aggregate.ID
	ref := receipt.Aggregate
	_ = o.perform(zhuanglang.CountyOfficer, ref, "submit", "", pilot.Submit{}) &&
		o.perform(zhuanglang.CountyOfficer, ref, "accept", "", pilot.Accept{}) &&
		o.perform(zhuanglang.CountyApprover, ref, "endorse", "", pilot.Endorse{Opinion: "同意推荐"}) &&
		o.perform(zhuanglang.CountyOfficer, ref, "appoint-panel", "", pilot.AppointPanel{Experts: zhuanglang.Experts[:1]}) &&
		o.score(d, ref) &&
		o.perform(zhuanglang.CountyOfficer, ref, "conclude-review", "", pilot.ConcludeReview{}) &&
		o.perform(zhuanglang.CountyApprover, ref, "approve", "", pilot.Approve{Number: fmt.Sprintf("庄民发〔2017〕%d号", d.number)}) &&
		o.agree(d)
}

func (o *ordeal) score(d *dossier, ref pilot.Ref) bool {
	for _, q := range d.application.Proposals {
		opinion := pilot.Opinion{Points: 90, RecommendedFen: q.BudgetFen()}
		if !o.perform(zhuanglang.Experts[0], ref, "score", q.Code, pilot.Score{Proposal: q.Code, Opinion: opinion}) {
			return false
		}
	}
	return true
}

func (o *ordeal) agree(d *dossier) bool {
	for i, q := range d.application.Proposals {
		project := pilot.Ref{Kind: pilot.ProjectKind, ID: fmt.Sprintf("%s.%d", d.id, i+1)}
		if d.declined {
			return o.perform(speaker(q), project, "refuse-agreement", "", pilot.RefuseAgreement{Reason: "无力承担"})
		}
		sign := pilot.SignAsOrganization{AccountName: q.Organization.Name.ZH, AccountNumber: fmt.Sprintf("62082500%08d", i)}
		if !o.perform(speaker(q), project, "sign-as-organization", "", sign) || !o.perform(zhuanglang.CountyApprover, project, "sign-as-office", "", pilot.SignAsOffice{}) {
			return false
		}
	}
	return true
}

// paymentItem is a line of the list of payments.
type paymentItem struct {
	ID      string
	Stage   pilot.Stage
	Ended   bool
	Payer   pilot.Ref
	Tranche int
	Attempt int
	Payee   struct {
		Code string
		Name domain.Text
	}
	Fen     money.Fen
	Voucher string
	Due     calendar.Date
}

// payments lists the payments, of a stage or all.
func (o *ordeal) payments(who string, stage pilot.Stage) (all []paymentItem) {
	for cursor := ""; ; {
		part, answered := see[struct {
			Items []paymentItem
			Next  string
		}](o, who, fmt.Sprintf("/v1/payments?limit=200&stage=%s&cursor=%s", stage, cursor))
		all = append(all, part.Items...)
		if cursor = part.Next; cursor == "" || !answered {
			return all
		}
	}
}

// releasing is an officer who releases whatever waits to be, each payment once.
func (o *ordeal) releasing(ctx context.Context, who string, impatient func() bool) {
	released := map[string]bool{}
	hands := make(chan struct{}, 4)
	var all sync.WaitGroup
	defer all.Wait()
	for ; ctx.Err() == nil; rest(ctx) {
		for _, p := range o.payments(who, pilot.Release) {
			if released[p.ID] {
				continue
			}
			released[p.ID] = true
			times := 1
			if impatient() {
				times = 2
				o.counts.twice.Add(1)
			}
			for range times {
				hands <- struct{}{}
				all.Go(func() {
					defer func() { <-hands }()
					o.release(who, p.ID)
				})
			}
		}
	}
}

func (o *ordeal) release(who, payment string) {
	a, answered := o.order(who, "/v1/payments/"+payment+"/release", payment+"/release", pilot.ReleasePayment{})
	if answered && a.Status != http.StatusOK {
		o.t.Errorf("release of %s by %s: %s", payment, who, a)
	}
}

// findingOut is the finance officer to whom a payment falls of which the bank has not said for too long what became of it, or
// whether it stayed.
// Nothing is entered but what the bank's own record shows.
func (o *ordeal) findingOut(ctx context.Context, who string) {
	confirmed := map[string]bool{}
	for ; ctx.Err() == nil; rest(ctx) {
		booked, err := o.booked()
		if err != nil {
			continue // the bank is down
		}
		today := calendar.Of(o.now())
		for _, p := range append(o.payments(who, pilot.Clearing), o.payments(who, pilot.Posted)...) {
			if p.Due.Before(today) && o.overdue(who, p.ID) && o.enter(who, p.ID, booked[p.ID]) && p.Stage == pilot.Clearing {
				confirmed[p.ID] = true // nobody will ask the bank whether it stays
			}
		}
		for payment := range confirmed {
			if len(booked[payment]) == 2 {
				delete(confirmed, payment)
				o.settle(who, payment, "return-payment", pilot.ReturnPayment{Reason: "户名不符"})
				o.counts.cameBack.Add(1)
			}
		}
	}
}

// overdue tells that the payment was escalated.
func (o *ordeal) overdue(who, payment string) bool {
	v, _ := see[view](o, who, "/v1/payments/"+payment)
	return slices.ContainsFunc(v.Progress.Turns, func(t pilot.TurnView) bool {
		return t.Overdue && (t.Key == pilot.AwaitClearing || t.Key == pilot.AwaitFinalAnswer)
	})
}

// enter ends a payment by what the bank's record shows; true when it was confirmed.
func (o *ordeal) enter(who, payment string, movements []transfer) bool {
	switch len(movements) {
	case 1:
		slip, answered := o.upload(who, "text/plain", []byte("bank slip "+movements[0].Number))
		if !answered {
			return false
		}
		o.counts.overdue.Add(1)
		if o.settle(who, payment, "confirm", pilot.ConfirmPayment{Voucher: movements[0].Number, Slip: slip}) {
			o.counts.confirmed.Add(1)
			return true
		}
	case 2:
		o.counts.overdue.Add(1)
		if o.settle(who, payment, "return-payment", pilot.ReturnPayment{Reason: "户名不符"}) {
			o.counts.cameBack.Add(1)
		}
	}
	return false // nothing moved: the workflow finds out whether anything will
}

// upload stores a file and answers its SHA-256.
func (o *ordeal) upload(who, media string, file []byte) (sha256sum string, answered bool) {
	sum := sha256.Sum256(file)
	header := map[string]string{"Content-Type": media, "Content-Digest": "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"}
	a, answered := o.ask(who, http.MethodPost, "/v1/evidence", header, file)
	if answered && a.Status >= http.StatusBadRequest {
		o.t.Errorf("upload: %s", a)
		answered = false
	}
	return hex.EncodeToString(sum[:]), answered
}

// settle sends finance's word, which comes too late where the workflow has found out.
func (o *ordeal) settle(who, payment, command string, payload any) bool {
	a, answered := o.order(who, "/v1/payments/"+payment+"/"+command, payment+"/"+command, payload)
	switch {
	case !answered:
		return false
	case a.Status == http.StatusConflict:
		o.counts.overtaken.Add(1)
		return false
	case a.Status != http.StatusOK:
		o.t.Errorf("%s of %s: %s", command, payment, a)
	}
	return a.Status == http.StatusOK
}

// transfer is a movement at the bank.
type transfer struct {
	Reference string
	Number    string
	Kind      string
	Fen       money.Fen
	At        time.Time
	Payee     string
}

// booked are the bank's movements by reference, in the order of their time.
func (o *ordeal) booked() (map[string][]transfer, error) {
	var all []transfer
	if err := o.ofBank("/admin/transfers", &all); err != nil {
		return nil, err
	}
	byReference := map[string][]transfer{}
	for _, t := range all {
		byReference[t.Reference] = append(byReference[t.Reference], t)
	}
	return byReference, nil
}
