package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/programme"
	"terrace/domain/project"
	"terrace/postgres"
	"terrace/programmes"
)

// right runs commands and requires that exactly want of them are recorded by a guess.
func (r *record) right(want int64, commands func()) {
	r.t.Helper()
	_, before := r.Guesses()
	commands()
	if _, after := r.Guesses(); after-before != want {
		r.t.Errorf("%d commands were recorded by a guess, want %d", after-before, want)
	}
}

func TestAProcessNeedNotReadWhatItRemembers(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) *record{"on real time": openToday, "on a virtual calendar": open} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			call := r.demo.Application()
			r.save(postgres.Evidence{SHA256: slip, MediaType: "image/png", Size: 4, Name: "图.png", UploadedBy: zhuanglang.CountyFinance})
			_ = r.drafted() // reads the clock
			ref := newPilot()
			r.right(4, func() {
				r.execute(r.draft(ref))
				for i := range 3 {
					c := r.saveDraft(ref, fmt.Sprint("稿", i))
					c.Payload.(*pilot.SaveDraft).Attachments = []string{slip}
					outcome := r.execute(c)
					if outcome.Receipt.Version != i+2 || outcome.Repeated || outcome.Places == nil {
						t.Errorf("outcome is %+v", outcome)
					}
					// Neither the caller's own payload nor the returned outcome may affect the record.
					c.Payload.(*pilot.SaveDraft).Proposals[0].Title = domain.Text{ZH: "改", EN: "changed"}
					outcome.State.(*pilot.Pilot).Proposals[1].Title = domain.Text{ZH: "改", EN: "changed"}
				}
			})
			r.right(1, func() { r.do(zhuanglang.CountyOfficer, "withdraw", ref, &pilot.Withdraw{Reason: "重新申报"}) })
			state, err := r.another().Load(t.Context(), ref)
			must(t, err)
			for i, q := range state.(*pilot.Pilot).Proposals {
				if q.Title != call.Proposals[i].Title {
					t.Errorf("proposal %d is called %v", i, q.Title)
				}
			}
			r.sound()
		})
	}
}

// today is a set of programmes whose calls for applications open today.
type today struct{ postgres.Programmes }

func (p today) At(id string, day calendar.Date) (*programme.Programme, error) {
	rules, err := p.Find(id, 1)
	if err != nil {
		return nil, err
	}
	present := *rules
	present.Call.Value = day
	return &present, nil
}

// openToday opens a record on real time whose programme calls for applications today.
func openToday(t *testing.T) *record {
	t.Helper()
	r := openReal(t)
	set, err := programmes.Builtin()
	must(t, err)
	r.Store, err = postgres.Open(t.Context(), postgres.Config{URL: r.as, Programmes: today{set}, Calendar: calendar.Published()})
	must(t, err)
	t.Cleanup(r.Close)
	return r
}

const slip = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// sound requires that the record is consistent.
func (r *record) sound() {
	r.t.Helper()
	found, err := r.Verify(r.t.Context(), func(int, int) {})
	must(r.t, err)
	if len(found) > 0 {
		r.t.Errorf("found %v", found)
	}
}

// A process remembers version 2 of a draft, but the record has changed since.
func TestACommandIsJudgedAgainWhenTheRecordHasChanged(t *testing.T) {
	t.Parallel()
	title := func(r *record, ref flow.Ref) flow.Command { return r.saveDraft(ref, "又一稿") }
	attached := func(r *record, ref flow.Ref) flow.Command {
		c := r.saveDraft(ref, "附件")
		c.Payload.(*pilot.SaveDraft).Attachments = []string{slip}
		return c
	}
	for name, test := range map[string]struct {
		change  func(r *record, other *postgres.Store, ref flow.Ref, c flow.Command)
		command func(*record, flow.Ref) flow.Command
		want    func(*record, postgres.Outcome) bool // condition on the outcome, if the command is accepted
		code    domain.Code                          // code of the refusal, if it is rejected
	}{
		"another process has changed the aggregate": {
			func(r *record, other *postgres.Store, ref flow.Ref, _ flow.Command) {
				_, err := other.Execute(r.t.Context(), r.saveDraft(ref, "别处"))
				must(r.t, err)
			}, title,
			func(_ *record, o postgres.Outcome) bool { return o.Receipt.Version == 4 && !o.Repeated }, "",
		},
		"another process has executed this very command": {
			func(r *record, other *postgres.Store, _ flow.Ref, c flow.Command) {
				_, err := other.Execute(r.t.Context(), c)
				must(r.t, err)
			}, title,
			func(_ *record, o postgres.Outcome) bool { return o.Receipt.Version == 3 && o.Repeated }, "",
		},
		"a command that was refused has become valid": {
			func(r *record, other *postgres.Store, ref flow.Ref, _ flow.Command) {
				_, err := other.Execute(r.t.Context(), r.saveDraft(ref, "别处"))
				must(r.t, err)
			},
			func(r *record, ref flow.Ref) flow.Command {
				c := title(r, ref)
				c.IfVersion = 3
				return c
			},
			func(_ *record, o postgres.Outcome) bool { return o.Receipt.Version == 4 }, "",
		},
		"another process has ended the aggregate": {
			func(r *record, other *postgres.Store, ref flow.Ref, _ flow.Command) {
				_, err := other.Execute(r.t.Context(), r.command(zhuanglang.CountyOfficer, "withdraw", ref, &pilot.Withdraw{Reason: "撤回"}))
				must(r.t, err)
			}, title, nil, "wrong-stage",
		},
		"the record was set back and reached the same version differently": {
			func(r *record, _ *postgres.Store, _ flow.Ref, _ flow.Command) {
				r.sql(`update aggregate set head = sha256('other')`, `update journal set hash = sha256('other') where seq = 2`)
			}, title,
			func(r *record, o postgres.Outcome) bool { return o.Receipt.Version == 3 }, "",
		},
		"the calendar was moved": {
			func(r *record, _ *postgres.Store, _ flow.Ref, _ flow.Command) { r.setClock(callDay.Add(time.Hour)) }, title,
			func(_ *record, o postgres.Outcome) bool { return o.Receipt.At.Equal(callDay.Add(time.Hour)) }, "",
		},
		"the due day has passed": {
			func(r *record, _ *postgres.Store, _ flow.Ref, _ flow.Command) { r.setClock(callDay.AddDate(0, 2, 0)) }, title, nil, "deadline-passed",
		},
		"a village has moved": {
			func(r *record, other *postgres.Store, _ flow.Ref, _ flow.Command) {
				village := r.demo.Projects[0].Village
				must(r.t, other.Register(r.t.Context(), postgres.Registry{Places: []place.Place{
					{Code: "620826", Vintage: 2017, Parent: "620800", Level: place.County, ZH: "静宁县", EN: "Jingning"},
					{Code: "620826101", Vintage: 2023, Parent: "620826", Level: place.Township, ZH: "威戎镇", EN: "Weirong"},
					{Code: place.Code(village.Code), Vintage: village.Vintage + 1, Parent: "620826101", Level: place.Village, ZH: village.ZH, EN: village.EN},
				}}))
			},
			func(r *record, ref flow.Ref) flow.Command {
				return r.command(zhuanglang.CountyOfficer, "submit", ref, &pilot.Submit{})
			}, nil, "unknown-village",
		},
		"a file is gone": {
			func(r *record, _ *postgres.Store, _ flow.Ref, _ flow.Command) { r.sql("delete from evidence") }, attached, nil, "no-such-file",
		},
		"an organization has applied elsewhere": {
			func(r *record, other *postgres.Store, _ flow.Ref, _ flow.Command) {
				ref := newPilot()
				for _, c := range []flow.Command{r.draft(ref), r.command(zhuanglang.CountyOfficer, "submit", ref, &pilot.Submit{})} {
					_, err := other.Execute(r.t.Context(), c)
					must(r.t, err)
				}
			},
			func(r *record, ref flow.Ref) flow.Command {
				return r.command(zhuanglang.CountyOfficer, "submit", ref, &pilot.Submit{})
			}, nil, "double-application",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			r.save(postgres.Evidence{SHA256: slip, MediaType: "image/png", Size: 4, Name: "图.png", UploadedBy: zhuanglang.CountyFinance})
			ref := r.drafted()
			r.right(1, func() { r.execute(attached(r, ref)) })
			command := test.command(r, ref)
			test.change(r, r.another(), ref, command)
			r.right(0, func() {
				made, _ := r.Guesses()
				outcome, err := r.Execute(t.Context(), command)
				if after, _ := r.Guesses(); after != made+1 {
					t.Errorf("%d guesses", after-made)
				}
				if test.code != "" {
					refused(t, err, test.code)
					return
				}
				must(t, err)
				if !test.want(r, outcome) {
					t.Errorf("outcome is %+v", outcome)
				}
			})
		})
	}
}

// An invoice that another project reports in the meantime is flagged as reused, whatever the process remembers.
func TestAClaimOfAnotherProjectIsNoticed(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, projectRef := r.rollingOut()
	report := func(number string) flow.Command {
		return r.command(zhuanglang.OrganizationPerson(r.demo.Projects[0].Code), "report-spending", projectRef,
			&project.ReportSpending{Receipts: []project.Invoice{r.receipt("materials", 1_000, project.FromGrant, number)}})
	}
	r.right(1, func() { r.execute(report("A-1")) })
	r.do(zhuanglang.CountyFinance, "judge-spending", projectRef, &project.JudgeSpending{Report: 1})
	r.sql("insert into claim values ('receipt:A2', 'project', 'another.1')")
	command := report("A-2")
	r.right(0, func() {
		outcome := r.execute(command)
		if statements := outcome.State.(*project.Project).Statements; statements[1].Receipts[0].ReusedBy != "another.1" {
			t.Errorf("statements are %+v", statements)
		}
	})
}

func TestALostAnswerToAGuessIsResolvedByTheReceipt(t *testing.T) {
	t.Parallel()
	for name, command := range map[string]func(*record, flow.Ref) flow.Command{
		"a change":   func(r *record, ref flow.Ref) flow.Command { return r.saveDraft(ref, "一次") },
		"a creation": func(r *record, _ flow.Ref) flow.Command { return r.draft(newPilot()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t)
			ref := r.drafted()
			c := &cutter{}
			store := r.reach(c.through(t, r.as))
			for range 2 { // the second is a guess
				_, err := store.Execute(t.Context(), r.saveDraft(ref, "先"))
				must(t, err)
			}
			events := one[int](r, "select count(*) from journal")
			var cuts atomic.Int32
			cut := func(answer []byte) bool { return bytes.Contains(answer, []byte("SELECT 1\x00")) && cuts.Add(1) == 1 }
			c.cut.Store(&cut)

			lost := command(r, ref)
			got, err := store.Execute(t.Context(), lost)
			must(t, err)
			if cuts.Load() == 0 {
				t.Fatal("the connection was never cut")
			}
			if !got.Repeated || got.Receipt.Aggregate != lost.Aggregate {
				t.Errorf("outcome is %+v", got)
			}
			after, err := store.Execute(t.Context(), r.saveDraft(lost.Aggregate, "后"))
			must(t, err)
			if after.Receipt.Version != got.Receipt.Version+1 {
				t.Errorf("after version %d came %d", got.Receipt.Version, after.Receipt.Version)
			}
			if more := one[int](r, "select count(*) from journal") - events; more != 2 {
				t.Errorf("%d events were recorded", more)
			}
			r.sound()
		})
	}
}

// Two processes act on the same drafts, each from its own memory, while the calendar moves. Nothing is lost or applied
// twice, and no event is older than the one before it.
func TestProcessesThatGuessAgainstEachOther(t *testing.T) {
	t.Parallel()
	r := open(t)
	stores := []*postgres.Store{r.Store, r.another()}
	refs := []flow.Ref{r.drafted(), r.drafted(), r.drafted()}
	const clients, calls = 12, 12
	var everybody sync.WaitGroup
	failures := make([]error, clients)
	stop := make(chan struct{})
	var clock sync.WaitGroup
	mover := r.connect()
	clock.Go(func() {
		for minutes := 1; ; minutes++ {
			select {
			case <-stop:
				return
			default:
				_, _ = mover.Exec(context.Background(), "update clock set instant = $1", callDay.Add(time.Duration(minutes)*time.Minute/100))
			}
		}
	})
	for client := range clients {
		everybody.Go(func() {
			for n := range calls {
				c := r.saveDraft(refs[(client+n)%len(refs)], fmt.Sprintf("第%d人第%d稿", client, n))
				// Every command is sent twice, once to each process.
				for i := range 2 {
					outcome, err := stores[(client/2+n+i)%2].Execute(context.Background(), c)
					if err == nil && outcome.Repeated != (i == 1) {
						err = fmt.Errorf("sent %d times, and repeated: %v", i+1, outcome.Repeated)
					}
					failures[client] = errors.Join(failures[client], err)
				}
			}
		})
	}
	everybody.Wait()
	close(stop)
	clock.Wait()
	must(t, errors.Join(failures...))
	for _, ref := range refs {
		if version := one[int](r, "select version from aggregate where id = $1", ref.ID); version != 1+clients*calls/len(refs) {
			t.Errorf("%s is in version %d", ref, version)
		}
	}
	if late := one[int](r, "select count(*) from journal a join journal b on b.id = a.id and b.seq = a.seq + 1 where b.at < a.at"); late > 0 {
		t.Errorf("%d events are older than the previous one", late)
	}
	if early := one[int](r, "select count(*) from journal a join journal b on b.id = a.id and b.seq = a.seq + 1 where b.position < a.position"); early > 0 {
		t.Errorf("%d events come before the one that they follow", early)
	}
	var all [2]int64
	for _, s := range stores {
		made, right := s.Guesses()
		all[0], all[1] = all[0]+made, all[1]+right
	}
	if all[1] == 0 || all[0] == all[1] {
		t.Errorf("of %d guesses %d were right: too few to test anything", all[0], all[1])
	}
	r.sound()
}

// held locks an aggregate. awaited blocks until another session waits for the lock; letGo releases it.
func (r *record) held(ref flow.Ref) (awaited, letGo func()) {
	r.t.Helper()
	holder := r.connect()
	_, err := holder.Exec(r.t.Context(), "begin")
	must(r.t, err)
	_, err = holder.Exec(r.t.Context(), "select from aggregate where kind = $1 and id = $2 for update", ref.Kind, ref.ID)
	must(r.t, err)
	awaited = func() {
		r.t.Helper()
		eventually(r.t, "somebody waits for the aggregate", func() bool {
			return one[bool](r, "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')")
		})
	}
	return awaited, func() {
		_, err := holder.Exec(r.t.Context(), "rollback")
		must(r.t, err)
	}
}

// paused blocks the writing of receipts until goOn is called. awaited blocks until a command is about to write one.
func (r *record) paused() (awaited, goOn func()) {
	r.t.Helper()
	r.sql("create table gone_on ()", `create function pause() returns trigger language plpgsql security definer as $$ begin
			while not exists (select from gone_on) loop perform pg_sleep(0.001); end loop;
			return new;
		end $$`, "create trigger pause before insert on receipt for each row execute function pause()")
	awaited = func() {
		r.t.Helper()
		eventually(r.t, "somebody is about to write a receipt", func() bool {
			return one[bool](r, "select exists (select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep')")
		})
	}
	return awaited, func() { r.sql("insert into gone_on default values") }
}

func TestAVirtualCalendarStaysUntilAGuessIsRecorded(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := r.drafted()
	awaited, goOn := r.paused()
	answer := make(chan error, 1)
	r.right(1, func() {
		c := r.saveDraft(ref, "等待")
		go func() {
			_, err := r.Execute(context.Background(), c)
			answer <- err
		}()
		awaited()
		mover := r.connect()
		_, err := mover.Exec(t.Context(), "set lock_timeout = '100ms'")
		must(t, err)
		_, err = mover.Exec(t.Context(), "update clock set instant = instant + interval '1 hour'")
		if fault, ok := errors.AsType[*pgconn.PgError](err); !ok || fault.Code != "55P03" {
			t.Errorf("the calendar moved during a command: %v", err)
		}
		goOn()
		must(t, <-answer)
	})
}

func TestAGuessThatHadToWaitIsJudgedAgainAtTheLaterTime(t *testing.T) {
	t.Parallel()
	r := openToday(t)
	ref := r.drafted()
	r.right(1, func() { r.execute(r.saveDraft(ref, "先")) })
	awaited, letGo := r.held(ref)
	outcomes := make(chan postgres.Outcome, 1)
	r.right(0, func() {
		c := r.saveDraft(ref, "等待")
		go func() {
			outcome, _ := r.Execute(context.Background(), c)
			outcomes <- outcome
		}()
		awaited()
		asked := one[time.Time](r, "select clock_timestamp()")
		var released time.Time
		eventually(t, "more than a second has passed", func() bool {
			released = one[time.Time](r, "select clock_timestamp()")
			return released.Sub(asked) > 1100*time.Millisecond
		})
		letGo()
		if got := (<-outcomes).Receipt; got.Version != 3 || got.At.Before(released) {
			t.Errorf("receipt is %+v; the lock was released at %s", got, released)
		}
	})
}

func TestTheSameCommandSentToTwoProcessesAtOnceTakesEffectOnce(t *testing.T) {
	t.Parallel()
	r := open(t)
	stores := []*postgres.Store{r.Store, r.another()}
	ref := r.drafted()
	for _, s := range stores {
		_, err := s.Execute(t.Context(), r.saveDraft(ref, "先"))
		must(t, err)
	}
	for name, command := range map[string]func() flow.Command{
		"a change":   func() flow.Command { return r.saveDraft(ref, "一次") },
		"a creation": func() flow.Command { return r.draft(newPilot()) },
	} {
		for range 10 {
			c := command()
			before := one[int](r, "select count(*) from journal")
			outcomes, errs := make([]postgres.Outcome, 10), make([]error, 10)
			var wg sync.WaitGroup
			for i := range outcomes {
				again := c
				if name == "a creation" {
					again.Aggregate = newPilot()
				}
				wg.Go(func() { outcomes[i], errs[i] = stores[i%2].Execute(context.Background(), again) })
			}
			wg.Wait()
			must(t, errors.Join(errs...))
			if first := slices.DeleteFunc(slices.Clone(outcomes), func(o postgres.Outcome) bool { return o.Repeated }); len(first) != 1 {
				t.Errorf("%s: %d took effect", name, len(first))
			}
			for _, o := range outcomes {
				if o.Receipt.Aggregate != outcomes[0].Receipt.Aggregate || o.Receipt.Version != outcomes[0].Receipt.Version {
					t.Errorf("%s: receipts %+v and %+v", name, o.Receipt, outcomes[0].Receipt)
				}
			}
			if events := one[int](r, "select count(*) from journal") - before; events != 1 {
				t.Errorf("%s: %d events were recorded", name, events)
			}
		}
	}
	r.sound()
}
