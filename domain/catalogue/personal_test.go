package catalogue_test

import (
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

func TestARequestsHashHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	one, err := flow.Canonical(&project.SignAsOrganization{AccountName: "a", AccountNumber: "62080000000001"})
	if err != nil {
		t.Fatal(err)
	}
	two, err := flow.Canonical(&project.SignAsOrganization{AccountName: "a", AccountNumber: "62080000000002"})
	if err != nil {
		t.Fatal(err)
	}
	if string(one) != string(two) {
		t.Errorf("%s differs from %s", one, two)
	}
	other, err := flow.Canonical(&project.SignAsOrganization{AccountName: "b", AccountNumber: "62080000000001"})
	if err != nil || string(other) == string(one) {
		t.Errorf("different content has the same hash: %s, %v", other, err)
	}
}

func TestAnotherSaltChangesTheHashOfPersonalData(t *testing.T) {
	t.Parallel()
	d := newDesk(t).onNotice()
	digest := func(salt string) string {
		c := d.context
		c.Now, c.Actor, c.Salt = d.now, d.people[zhuanglang.PublicPerson], salt
		command := flow.Command{Name: "object", Aggregate: thePilot, Actor: c.Actor, Payload: &pilot.Object{
			Proposal: "ZL-2017-01", Grounds: "my neighbour Wang", Contact: "13900000000",
		}}
		decision, err := flow.Judge(flow.Clone(d.states[thePilot]), command, c)
		if err != nil {
			t.Fatal(err)
		}
		return decision.Events[0].Event.(*pilot.Objected).Digest
	}
	first, again := digest("one"), digest("one")
	if first == digest("two") || first != again {
		t.Error("whoever has a list of names and numbers finds the objector")
	}
}
