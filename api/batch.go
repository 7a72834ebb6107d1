package api

import (
	"context"
	"mime"

	"github.com/danielgtaylor/huma/v2"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
)

// PaymentBatch lists an office's payments for one date (付款清单), for a finance officer to take to the bank.
type PaymentBatch struct {
	Day       calendar.Date `json:"day" doc:"on which the payments were instructed"`
	Place     string        `json:"place" doc:"of the paying office"`
	PlaceName domain.Text   `json:"place_name,omitzero" doc:"missing if the place is not registered"`
	Items     []BatchItem   `json:"items"`
	TotalFen  money.Fen     `json:"total_fen" doc:"of all items"`
}

// BatchItem is a payment on the list that has no voucher yet or is still with the bank.
type BatchItem struct {
	Reference     string            `json:"reference" doc:"id of the payment, which the bank receives as reference"`
	Stage         flow.Stage        `json:"stage"`
	StageName     domain.Text       `json:"stage_name"`
	Gateway       string            `json:"gateway" doc:"voucher: an officer pays it by hand; otherwise the order is with the bank"`
	GatewayName   domain.Text       `json:"gateway_name,omitzero"`
	Payee         NamedOrganization `json:"payee"`
	AccountName   string            `json:"account_name" doc:"name of the bank account (开户名)"`
	AccountNumber string            `json:"account_number,omitempty" doc:"personal data, for finance of the paying office; missing if the record holds none"`
	Fen           money.Fen         `json:"fen"`
	Href          string            `json:"href" format:"uri-reference"`
}

type batchInput struct {
	Day    string `query:"day" format:"date" maxLength:"10" doc:"on which the payments were instructed, Asia/Shanghai (default today)" example:"2018-01-08"`
	Format string `query:"format" enum:"json,csv,xlsx" default:"json" doc:"csv and xlsx are files, with amounts in yuan"`
}

func batchTypes() []string { return []string{"application/json", csvType, xlsxType} }

// paymentBatch returns the payments of the caller's office that were instructed on the given date and have not been
// posted.
//
// Errors: no-office.
func (s *server) paymentBatch(ctx context.Context, in *batchInput) (*huma.StreamResponse, error) {
	if _, err := ofOffice(ctx); err != nil {
		return nil, err
	}
	day, err := s.dayOr(ctx, in.Day)
	if err != nil {
		return nil, err
	}
	batch, err := s.batchOf(ctx, day)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) { batch.write(c, in.Format) }}, nil
}

// dayOr returns the date in a query parameter, or today if the parameter is empty.
func (s *server) dayOr(ctx context.Context, text string) (calendar.Date, error) {
	if text != "" {
		return calendar.Parse(text)
	}
	now, err := s.Store.Now(ctx)
	return calendar.Of(now), err
}

func (s *server) batchOf(ctx context.Context, day calendar.Date) (PaymentBatch, error) {
	places, err := s.Store.Places(ctx)
	if err != nil {
		return PaymentBatch{}, err
	}
	payments, err := s.desk(ctx).PaymentsInstructed(ctx, day)
	office := actorOf(ctx).Place
	batch := PaymentBatch{Day: day, Place: office, PlaceName: placeName(places, office), Items: make([]BatchItem, len(payments))}
	for i, p := range payments {
		batch.Items[i] = BatchItem{
			Reference: p.ID, Stage: p.Stage, StageName: catalogue.All.StageName(p.Stage), Gateway: p.Gateway, GatewayName: payment.GatewayName(p.Gateway),
			Payee: NamedOrganization{p.Payee.CreditCode, p.Payee.Name}, AccountName: p.AccountName, AccountNumber: p.AccountNumber, Fen: p.Fen, Href: addressOf(payment.Kind, p.ID),
		}
		batch.TotalFen += p.Fen
	}
	return batch, err
}

func (b PaymentBatch) write(c huma.Context, format string) {
	name := "payments-" + b.Place + "-" + b.Day.String() + "." + format
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": name})
	switch format { // the client may have disconnected
	case "csv":
		c.SetHeader("Content-Type", csvType+"; charset=utf-8")
		c.SetHeader("Content-Disposition", disposition)
		_ = b.table().csv(c.BodyWriter())
	case "xlsx":
		c.SetHeader("Content-Type", xlsxType)
		c.SetHeader("Content-Disposition", disposition)
		_ = b.table().xlsx(c.BodyWriter())
	default:
		c.SetHeader("Content-Type", "application/json")
		_ = strictJSON.Marshal(c.BodyWriter(), b)
	}
}

func (b PaymentBatch) table() table {
	t := table{
		name: "付款清单 " + b.Day.String(),
		columns: []column{
			{"付款编号 Reference", 44},
			{"收款单位 Payee", 32},
			{"信用代码 Credit code", 22},
			{"开户名 Account name", 32},
			{"账号 Account number", 28},
			{"金额（元） Amount (CNY)", 20},
			{"付款方式 Gateway", 44},
			{"状态 Stage", 24},
		},
		totals: []any{"合计 Total", "", "", "", "", b.TotalFen, "", ""},
	}
	for _, i := range b.Items {
		t.rows = append(t.rows, []any{
			i.Reference, i.Payee.Name.ZH, i.Payee.CreditCode, i.AccountName, i.AccountNumber, i.Fen, i.GatewayName.ZH + " " + i.GatewayName.EN, i.StageName.ZH + " " + i.StageName.EN,
		})
	}
	return t
}
