package programmes_test

import (
	"fmt"
	"testing/fstest"

	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/programmes"
)

func ExampleSet_At() {
	set, err := programmes.Builtin()
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := set.At("zhuanglang-2017", calendar.On(2017, 9, 11))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("fund:", p.Fund.TotalFen.Value)
	fmt.Println("notice:", p.Terms["notice"].Days, p.Terms["notice"].Unit, "days")
	fmt.Println("tranches:", p.Split(210_000*money.Yuan))
	// Output:
	// fund: 1,200,000.00
	// notice: 7 working days
	// tranches: [126,000.00 63,000.00 21,000.00]
}

// Files are read strictly: a misspelt key causes an error.
func ExampleRead() {
	_, err := programmes.Read(fstest.MapFS{"village.yaml": {Data: []byte("id: village\nefective: 2024-01-01\n")}})
	fmt.Println(err)
	// Output:
	// village.yaml: 第2行：字段“efective”不存在 / line 2: the field “efective” does not exist
}
