package postgres_test

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/postgres"
)

func TestACommandIsAnsweredWithItsOutcome(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := newPilot()
	got := r.execute(r.draft(ref))

	if got.Receipt.Aggregate != ref || got.Receipt.Version != 1 || !slices.Equal(got.Receipt.Events, []string{"drafted"}) || !got.Receipt.At.Equal(callDay) {
		t.Errorf("receipt is %+v", got.Receipt)
	}
	if got.Repeated || got.Progress.Stage != pilot.Applying || got.Progress.Aggregate != ref {
		t.Errorf("outcome is %+v", got)
	}
	state, err := r.Load(t.Context(), ref)
	must(t, err)
	if title := state.(*pilot.Pilot).Title; title != r.demo.Title {
		t.Errorf("loaded the title %v", title)
	}
}

func TestTheSameCommandTakesEffectOnce(t *testing.T) {
	t.Parallel()
	const goroutines = 100
	tests := map[string]struct {
		command func(*record) flow.Command
		again   func(flow.Command) flow.Command
	}{
		"a change, sent a hundred times at once": {
			command: func(r *record) flow.Command { return r.saveDraft(r.drafted(), "一次") },
			again:   func(c flow.Command) flow.Command { return c },
		},
		"a creation, sent a hundred times at once, each with a fresh id": {
			command: func(r *record) flow.Command { return r.draft(newPilot()) },
			again:   func(c flow.Command) flow.Command { c.Aggregate = newPilot(); return c },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			command := test.command(r)
			before := one[int](r, "select count(*) from journal")
			outcomes := make([]postgres.Outcome, goroutines)
			errs := make([]error, goroutines)
			var wg sync.WaitGroup
			for i := range goroutines {
				wg.Go(func() { outcomes[i], errs[i] = r.Execute(context.Background(), test.again(command)) })
			}
			wg.Wait()

			first := 0
			for i, outcome := range outcomes {
				must(t, errs[i])
				if !outcome.Repeated {
					first++
				}
				if got, want := outcome.Receipt, outcomes[0].Receipt; got.Aggregate != want.Aggregate || got.Version != want.Version || !got.At.Equal(want.At) {
					t.Errorf("receipt %d is %+v, another %+v", i, got, want)
				}
				if outcome.Progress.Aggregate != outcome.Receipt.Aggregate {
					t.Errorf("progress is of %v", outcome.Progress.Aggregate)
				}
			}
			if first != 1 {
				t.Errorf("%d of them took effect", first)
			}
			if got := one[int](r, "select count(*) from journal") - before; got != 1 {
				t.Errorf("%d events were recorded", got)
			}
		})
	}
}

func TestARepetitionAnswersEvenWhenTheVersionHasMovedOn(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	first := r.saveDraft(ref, "第一稿")
	first.IfVersion = 1
	want := r.execute(first).Receipt
	r.execute(r.saveDraft(ref, "第二稿"))

	got := r.execute(first)
	if !got.Repeated || got.Receipt.Version != want.Version || !got.Receipt.At.Equal(want.At) {
		t.Errorf("repeated: %+v, want %+v", got.Receipt, want)
	}
	if got.Progress.Version != want.Version+1 {
		t.Errorf("progress is of version %d, want the current one", got.Progress.Version)
	}
}

// A creation is repeated with a new id, as a client does that never got the answer.
func TestARepetitionAnswersOnlyWhoeverStillSees(t *testing.T) {
	t.Parallel()
	r := open(t)
	creation := r.draft(newPilot())
	save := r.saveDraft(creation.Aggregate, "第一稿")
	r.execute(creation)
	r.execute(save)
	other := r.saveDraft(save.Aggregate, "另一稿")
	other.ID = save.ID
	creation.Aggregate = newPilot()
	for name, c := range map[string]flow.Command{"a command": save, "other content under its id": other, "a creation": creation} {
		c.Actor.Place = r.who[zhuanglang.ProvinceOfficer].Place // has moved to an office that does not see the draft
		_, err := r.Execute(t.Context(), c)
		if e := refusal(t, err, "not-found"); e.Args["id"] != save.Aggregate.ID {
			t.Errorf("%s: %v", name, e.Args)
		}
	}
	for _, c := range []flow.Command{save, creation} {
		if !r.execute(c).Repeated {
			t.Errorf("%s is done twice", c.Name)
		}
	}
}

// Whoever objected in time must not hear that the notice is over because the answer was lost.
func TestARepeatedObjectionIsAnsweredAfterTheNotice(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.onNotice()
	objection := r.command(zhuanglang.PublicPerson, "object", ref, &pilot.Object{Proposal: r.demo.Projects[0].Code, Grounds: "理由", Contact: "电话"})
	want := r.execute(objection).Receipt
	r.do(zhuanglang.ProvinceOfficer, "decide-objection", ref, &pilot.DecideObjection{Proposal: r.demo.Projects[0].Code, Outcome: pilot.Dismissed, Reason: "不成立"})
	r.passTime(ref)
	if got := r.execute(objection); !got.Repeated || !reflect.DeepEqual(got.Receipt, want) {
		t.Errorf("repeated: %+v, want %+v", got.Receipt, want)
	}
	objection.Payload = &pilot.Object{Proposal: r.demo.Projects[1].Code, Grounds: "理由", Contact: "电话"}
	_, err := r.Execute(t.Context(), objection)
	refused(t, err, "notice-over")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		command func(*record) flow.Command
		code    domain.Code
	}{
		"an aggregate that does not exist": {
			func(r *record) flow.Command { return r.saveDraft(newPilot(), "无") }, "not-found",
		},
		"an undeclared command": {
			func(r *record) flow.Command { return r.command(zhuanglang.CountyOfficer, "conjure", newPilot(), nil) }, "unknown-command",
		},
		"an unknown programme": {
			func(r *record) flow.Command {
				return r.command(zhuanglang.CountyOfficer, "draft", newPilot(), &pilot.Draft{Programme: "atlantis", Application: r.demo.Application()})
			}, "unknown-programme",
		},
		"no programme": {
			func(r *record) flow.Command {
				return r.command(zhuanglang.CountyOfficer, "draft", newPilot(), &pilot.Draft{Application: r.demo.Application()})
			}, "unknown-programme",
		},
		"a stale version": {
			func(r *record) flow.Command {
				ref := r.drafted()
				r.execute(r.saveDraft(ref, "新"))
				c := r.saveDraft(ref, "旧")
				c.IfVersion = 1
				return c
			}, "stale-version",
		},
		"different content under the same id": {
			func(r *record) flow.Command {
				c := r.saveDraft(r.drafted(), "甲")
				r.execute(c)
				c.Payload = r.saveDraft(c.Aggregate, "乙").Payload
				return c
			}, "idempotency-conflict",
		},
		"the same content for another aggregate under the same id": {
			func(r *record) flow.Command {
				c := r.saveDraft(r.drafted(), "甲")
				r.execute(c)
				c.Aggregate = r.drafted()
				return c
			}, "idempotency-conflict",
		},
		"the creation of an existing aggregate": {
			func(r *record) flow.Command { return r.draft(r.drafted()) }, "already-exists",
		},
		"a file that was never uploaded": {
			func(r *record) flow.Command {
				c := r.saveDraft(r.drafted(), "附件")
				c.Payload.(*pilot.SaveDraft).Attachments = []string{"0000000000000000000000000000000000000000000000000000000000000000"}
				return c
			}, "no-such-file",
		},
		"a second application of the same organizations": {
			func(r *record) flow.Command {
				r.do(zhuanglang.CountyOfficer, "submit", r.drafted(), &pilot.Submit{})
				return r.command(zhuanglang.CountyOfficer, "submit", r.drafted(), &pilot.Submit{})
			}, "double-application",
		},
		"the wrong person": {
			func(r *record) flow.Command {
				c := r.saveDraft(r.drafted(), "越权")
				c.Actor = r.who[zhuanglang.CountyApprover]
				return c
			}, "wrong-role",
		},
		"somebody who may not see it": {
			func(r *record) flow.Command {
				c := r.saveDraft(r.drafted(), "越权")
				c.Actor = r.who[zhuanglang.PublicPerson]
				return c
			}, "not-found",
		},
	}
	for name, test := range tests {
		t.Run(name+" is refused, and nothing is written", func(t *testing.T) {
			t.Parallel()
			r := open(t)
			command := test.command(r)
			before := r.counts()
			_, err := r.Execute(t.Context(), command)
			refused(t, err, test.code)
			if after := r.counts(); !maps.Equal(before, after) {
				t.Errorf("rows were %v and now are %v", before, after)
			}
			if err := r.Ping(t.Context()); err != nil {
				t.Errorf("after the refusal: %v", err)
			}
		})
	}
}

// counts returns the number of rows of every table, and sums of the columns that an update would change.
func (r *record) counts() map[string]string {
	r.t.Helper()
	conn, all := r.connect(), map[string]string{}
	rows, err := conn.Query(r.t.Context(), "select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
	must(r.t, err)
	var tables []string
	for rows.Next() {
		var name string
		must(r.t, rows.Scan(&name))
		tables = append(tables, name)
	}
	must(r.t, rows.Err())
	for _, name := range tables {
		var content string
		must(r.t, conn.QueryRow(r.t.Context(), "select count(*) || ' ' || coalesce(md5(string_agg(t::text, ';' order by t::text)), '') from "+name+" t").Scan(&content))
		all[name] = content
	}
	return all
}

func TestARefusalNamesTheKeyThatIsTaken(t *testing.T) {
	t.Parallel()
	r := open(t)
	r.do(zhuanglang.CountyOfficer, "submit", r.drafted(), &pilot.Submit{})
	_, err := r.Execute(t.Context(), r.command(zhuanglang.CountyOfficer, "submit", r.drafted(), &pilot.Submit{}))
	e := refusal(t, err, "double-application")
	if e.Field != "proposals" || !slices.Contains(r.creditCodes(), e.Args["key"]) {
		t.Errorf("%q, key %q, want the proposals and an organization", e.Field, e.Args["key"])
	}
}

func TestAWithdrawnApplicationFreesItsOrganizations(t *testing.T) {
	t.Parallel()
	r := open(t)
	first := r.drafted()
	r.do(zhuanglang.CountyOfficer, "submit", first, &pilot.Submit{})
	r.do(zhuanglang.CountyOfficer, "withdraw", first, &pilot.Withdraw{Reason: "重新申报"})
	r.do(zhuanglang.CountyOfficer, "submit", r.drafted(), &pilot.Submit{})
}

func TestCommandsToOneAggregateAreJudgedOneByOne(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	const goroutines = 30
	errs := make([]error, goroutines)
	var wg sync.WaitGroup
	for i := range goroutines {
		c := r.saveDraft(ref, "并发")
		c.IfVersion = 1
		wg.Go(func() { _, errs[i] = r.Execute(context.Background(), c) })
	}
	wg.Wait()
	accepted := 0
	for _, err := range errs {
		if err == nil {
			accepted++
			continue
		}
		refused(t, err, "stale-version")
	}
	if accepted != 1 {
		t.Errorf("%d of %d who had all seen version 1 were accepted", accepted, goroutines)
	}
}

func TestEvidenceIsKnownByItsHash(t *testing.T) {
	t.Parallel()
	r := open(t)
	const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	r.save(postgres.Evidence{SHA256: sha256, MediaType: "text/plain", Size: 4, Name: "说明.txt", UploadedBy: zhuanglang.CountyOfficer})
	r.save(postgres.Evidence{SHA256: sha256, MediaType: "image/png", Size: 4, Name: "另一名", UploadedBy: "other"})
	file, err := r.Evidence(t.Context(), sha256)
	must(t, err)
	if file.Name != "说明.txt" || file.MediaType != "text/plain" || !file.UploadedAt.Equal(callDay) {
		t.Errorf("file is %+v", file)
	}
	_, err = r.Evidence(t.Context(), "0000000000000000000000000000000000000000000000000000000000000000")
	refused(t, err, "not-found")

	ref := r.drafted()
	c := r.saveDraft(ref, "附件")
	c.Payload.(*pilot.SaveDraft).Attachments = []string{sha256}
	r.execute(c)
	uses, err := r.EvidenceUses(t.Context(), everything, sha256)
	must(t, err)
	if !slices.Equal(uses, []flow.Ref{ref}) {
		t.Errorf("uses are %v", uses)
	}
}

func TestPersonalDataStaysOutOfJournalAndState(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.onNotice()
	const grounds, contact = "该组织负责人是我邻居张三", "13900001111"
	got := r.do(zhuanglang.PublicPerson, "object", ref, &pilot.Object{Proposal: r.demo.Projects[0].Code, Grounds: grounds, Contact: contact})
	for _, column := range []string{"select string_agg(data::text, '') from journal", "select string_agg(state::text, '') from aggregate"} {
		for _, secret := range []string{grounds, contact} {
			if one[bool](r, "select ("+column+") like '%' || $1 || '%'", secret) {
				t.Errorf("%q is found in %s", secret, column)
			}
		}
	}
	fields, err := r.Personal(t.Context(), ref, flow.RecordOf(got.State).Seq)
	must(t, err)
	if want := map[string]string{"grounds": grounds, "contact": contact}; !maps.Equal(fields, want) {
		t.Errorf("personal data is %v", fields)
	}
	if salt := one[string](r, "select distinct salt from personal"); len(salt) != 32 {
		t.Errorf("salt is %q", salt)
	}
}

func TestAStateOfAnotherShapeIsReplayedFromTheJournal(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	r.execute(r.saveDraft(ref, "旧形"))
	r.sql(`update aggregate set shape = 0, state = '{"unreadable": true}'`)

	state, err := r.Load(t.Context(), ref)
	must(t, err)
	if title := state.(*pilot.Pilot).Title.ZH; title != "旧形" {
		t.Errorf("loaded the title %q", title)
	}
	if got := r.execute(r.saveDraft(ref, "新形")).Receipt.Version; got != 3 {
		t.Errorf("continued with version %d, want 3", got)
	}
	if shape := one[int](r, "select shape from aggregate"); shape != flow.Shape {
		t.Errorf("stored in shape %d", shape)
	}
}

func TestACommandWithoutAnIDFails(t *testing.T) {
	t.Parallel()
	r := open(t)
	c := r.draft(newPilot())
	c.ID = ""
	_, err := r.Execute(t.Context(), c)
	if _, refusal := domain.Refused(err); err == nil || refusal {
		t.Errorf("got %v, want a fault", err)
	}
}
