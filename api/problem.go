package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/labstack/echo/v4"

	"terrace/domain"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/postgres"
)

// Problem is the response to a request that was rejected or that failed (RFC 9457). Programs rely on its code and
// field, and users read zh or en.
type Problem struct {
	Type     string      `json:"type" format:"uri-reference" doc:"where the code is explained" example:"/problems/wrong-stage"`
	Title    string      `json:"title" doc:"the code in words" example:"Wrong stage"`
	Status   int         `json:"status" minimum:"400" maximum:"599" doc:"the HTTP status" example:"409"`
	Detail   string      `json:"detail" doc:"what is wrong with this request; the same as en.what" example:"“Submit the application” is not available at the “public notice” stage"`
	Instance string      `json:"instance" format:"uri" doc:"this response's id, as in X-Request-Id; quote it to the administrator" example:"urn:uuid:0192d3a0-7c1e-7e6b-9f3a-5b8c2d4e6f70"`
	Code     domain.Code `json:"code" pattern:"^[a-z][a-z0-9-]*$" patternDescription:"a code" doc:"identifies the refusal; never changes once published" example:"wrong-stage"`
	Field    string      `json:"field,omitempty" doc:"which part of the body, as in proposals[2].budget[0].fen, or header.…, path.… or query.… with its name" example:"proposals[2].budget[0].fen"`
	ZH       Advice      `json:"zh" doc:"in Chinese (中文)"`
	EN       Advice      `json:"en" doc:"in English"`
	Errors   []Finding   `json:"errors,omitempty" maxItems:"50" doc:"all findings if there are several; the first is the problem itself"`

	header http.Header
}

// Advice says what is wrong and what to do next, in one language.
type Advice struct {
	What string `json:"what" doc:"what is wrong"`
	Next string `json:"next" doc:"what to do now"`
}

// Finding is one of the faults found in a request.
type Finding struct {
	Code  domain.Code `json:"code" example:"too-small"`
	Field string      `json:"field,omitempty" example:"proposals[2].budget[0].fen"`
	ZH    Advice      `json:"zh"`
	EN    Advice      `json:"en"`
}

const mostFindings = 50

// Error makes Problem an error. GetStatus and ContentType let huma send it as a response.
func (p *Problem) Error() string             { return string(p.Code) + ": " + p.Detail }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// statuses holds the HTTP status of individual codes. The status of any other code follows from the kind of the
// refusal.
var statuses = map[domain.Code]int{
	"idempotency-key-missing": http.StatusBadRequest,
	"missing-parameter":       http.StatusBadRequest,
	"unknown-parameter":       http.StatusBadRequest,
	"stale-version":           http.StatusPreconditionFailed,
	"unauthenticated":         http.StatusUnauthorized,
	"bad-cursor":              http.StatusBadRequest,
	"bad-json":                http.StatusBadRequest,
	"bad-text":                http.StatusBadRequest,
	"duplicate-key":           http.StatusBadRequest,
	"too-deep":                http.StatusBadRequest,
	"missing-body":            http.StatusBadRequest,
	"bad-request":             http.StatusBadRequest,
	"bad-digest":              http.StatusBadRequest,
	"slow-request":            http.StatusRequestTimeout,
	"no-such-route":           http.StatusNotFound,
	"method-not-allowed":      http.StatusMethodNotAllowed,
	"not-acceptable":          http.StatusNotAcceptable,
	"body-too-large":          http.StatusRequestEntityTooLarge,
	"headers-too-large":       http.StatusRequestHeaderFieldsTooLarge,
	"repeated-parameter":      http.StatusBadRequest,
	"media-type":              http.StatusUnsupportedMediaType,
	"content-differs":         http.StatusUnsupportedMediaType,
	"unsupported-charset":     http.StatusUnsupportedMediaType,
	"digest-mismatch":         http.StatusUnprocessableEntity,
	"until-past":              http.StatusConflict,
	"fault":                   http.StatusInternalServerError,
	"evidence-damaged":        http.StatusInternalServerError,
	"storage-full":            http.StatusInsufficientStorage,
	"database-away":           http.StatusServiceUnavailable,
	"record-busy":             http.StatusServiceUnavailable,
	"temporal-away":           http.StatusServiceUnavailable,
	"stopping":                http.StatusServiceUnavailable,
}

var statusOfKind = map[domain.Kind]int{
	domain.Invalid:   http.StatusUnprocessableEntity,
	domain.Forbidden: http.StatusForbidden,
	domain.NotFound:  http.StatusNotFound,
	domain.Conflict:  http.StatusConflict,
}

// statusOf returns the HTTP status of a refusal. A malformed header, path or query always has status 400, because it is
// detected before the content is judged.
func statusOf(code domain.Code, field string) int {
	if status, ok := statuses[code]; ok {
		return status
	}
	meaning, _ := meaningOf(code)
	for _, place := range []string{"header.", "path.", "query."} {
		if meaning.Kind == domain.Invalid && strings.HasPrefix(field, place) {
			return http.StatusBadRequest
		}
	}
	return statusOfKind[meaning.Kind]
}

// meanings explains the codes for faults in the HTTP request itself. All others are explained in domain.Codes.
var meanings = map[domain.Code]domain.Meaning{
	"bad-json":      says("请求体不是有效的 JSON，第 {at} 字节处有误", "The request body is not valid JSON; there is an error at byte {at}", "请更正后重新提交", "Correct the JSON and send the request again"),
	"bad-text":      says("文本不是有效的 UTF-8 编码，或含有控制字符、乱码", "The text is not valid UTF-8, or contains control characters or replacement characters", "请改用 UTF-8 编码，并删除无法识别的字符", "Encode the text as UTF-8 and remove any unreadable characters"),
	"duplicate-key": says("JSON 中同一字段重复出现", "The JSON contains the same key more than once", "请只保留一个", "Keep only one occurrence"),
	"too-deep":      says("JSON 嵌套过深，最多 {most} 层", "The JSON is nested too deeply; the maximum depth is {most}", "请按接口文档规定的结构提交", "Use the structure given in the API documentation"),
	"missing-body":  says("缺少请求体", "The request has no body", "请按接口文档提交 JSON 请求体", "Send a JSON body as described in the API documentation"),
	"bad-request":   says("请求格式有误，或传输中断", "The request is malformed or was cut off", "请检查后重新提交", "Check the request and send it again"),

	"missing-field":      says("缺少必填项{zh}", "The required field {en} is missing", "请补充该字段", "Add the field"),
	"unknown-field":      says("字段“{name}”不存在{zh}", "The field {name} does not exist{en}", "请核对字段名，或删除该字段", "Check the field name, or remove the field"),
	"unknown-parameter":  says("查询参数“{name}”不存在", "The query parameter {name} does not exist", "请核对参数名，或删除该参数", "Check the parameter name, or remove the parameter"),
	"repeated-parameter": says("请求中“{name}”重复出现", "{name} appears more than once in the request", "请只保留一个", "Send only one value"),
	"missing-parameter":  says("缺少必填参数“{name}”", "The required parameter {name} is missing", "请补充该参数", "Add the parameter"),
	"wrong-type":         says("数据类型不符，应为{zh}", "The value has the wrong type and must be {en}", "请按接口文档规定的类型填写", "Use the type given in the API documentation"),
	"too-small":          says("数值过小，最小为 {least-zh}", "The number is too small; the minimum is {least}", "请填写更大的数值", "Enter a larger number"),
	"too-large":          says("数值过大，最大为 {most-zh}", "The number is too large; the maximum is {most}", "请填写更小的数值", "Enter a smaller number"),
	"too-short":          says("文字过短，不得少于 {least} 个字符", "The text is too short; the minimum number of characters is {least}", "请补充内容", "Enter more text"),
	"blank":              says("内容为空，或只有空格", "The text is empty or contains only spaces", "请填写内容", "Enter the text that the field asks for"),
	"too-long":           says("文字过长，不得超过 {most} 个字符", "The text is too long; the maximum number of characters is {most}", "请精简内容", "Shorten the text"),
	"too-few":            says("条目过少，不得少于 {least} 项", "There are too few items; the minimum is {least}", "请补充条目", "Add more items"),
	"too-many":           says("条目过多，不得超过 {most} 项", "There are too many items; the limit is {most}", "请减少条目", "Remove some items"),
	"not-unique":         says("列表中有重复条目", "The list contains duplicate items", "请删除重复条目", "Remove the duplicates"),
	"bad-format":         says("格式不符，应为{zh}", "The value has the wrong format and must be {en}", "请按接口文档规定的格式填写", "Use the format given in the API documentation"),
	"not-allowed":        says("取值不在允许范围内，可选值：{allowed-zh}", "The value is not one of those allowed: {allowed}", "请从可选值中选择", "Choose one of the allowed values"),

	"unknown-place": says("地区“{place}”未登记", "The place {place} is not registered", "请核对地区代码，或请管理员登记该地区", "Check the place code, or ask the administrator to register the place"),

	"idempotency-key-missing": says("请求缺少 Idempotency-Key 请求头（幂等键）", "The Idempotency-Key header, which every command needs, is missing", "请为每次操作生成一个唯一值（如 UUID），重试时使用同一个值", "Generate a unique value, such as a UUID, for each command, and use the same value when you retry"),
	"bad-digest":              says("请求头 Content-Digest 缺失或格式有误", "The Content-Digest header is missing or malformed", "请按 RFC 9530 填写文件的 SHA-256，格式为 sha-256=:Base64:", "Send the file's SHA-256 digest as specified in RFC 9530, in the form sha-256=:base64:"),
	"digest-mismatch":         says("收到的文件与其校验值不符，未予保存", "The file received does not match its digest and was not saved", "请重新上传该文件", "Upload the file again"),
	"empty-file":              says("文件为空", "The file is empty", "请检查文件后重新上传", "Check the file and upload it again"),
	"media-type":              says("不支持内容类型“{got}”，可用类型：{allowed-zh}", "The content type “{got}” is not supported; supported types: {allowed}", "请使用可用类型", "Use a supported type"),
	"content-differs":         says("文件内容与声明的类型“{got}”不符", "The file's content does not match its declared type, “{got}”", "请改用正确的类型，或另选文件", "Declare the right type, or choose another file"),
	"unsupported-charset":     says("不支持字符集“{got}”，可用字符集：UTF-8、GB18030（含 GBK、GB2312）", "The character set “{got}” is not supported; use UTF-8 or GB18030 (which includes GBK and GB2312)", "请将文件另存为 UTF-8 编码后重新上传", "Save the file as UTF-8 and upload it again"),
	"body-too-large":          says("请求体超过 {most} 字节", "The request body is larger than {most} bytes", "请精简内容，或拆分为多次请求提交", "Reduce its size, or split it into several requests"),
	"headers-too-large":       says("地址与请求头合计超过 {most} 字节", "The address and headers of the request exceed {most} bytes in total", "请缩短地址，或删除多余的请求头", "Shorten the address, or remove unnecessary headers"),
	"slow-request":            says("请求体未在规定时间内传输完毕", "The request body did not arrive in time", "请检查网络后重试", "Check your connection and try again"),
	"until-past":              says("日历已推进到 {now}，不能倒退", "The calendar has already reached {now} and cannot be moved back", "请指定更晚的时间", "Specify a later time"),

	"no-such-route":      says("该地址不存在", "This address does not exist", "请查阅接口文档（/docs）", "See the API documentation at /docs"),
	"method-not-allowed": says("该地址不支持此请求方法，可用方法：{allowed-zh}", "This address does not support the request method; supported methods: {allowed}", "请改用可用方法", "Use one of the supported methods"),
	"not-acceptable":     says("无法提供 Accept 请求头所要求的类型，可提供：{allowed-zh}", "None of the types in the Accept header is available; available types: {allowed}", "请修改 Accept 请求头", "Change the Accept header"),

	"fault":            says("系统发生故障，本次请求未能完成", "A system error occurred, and the request was not completed", "请稍后重试；重新提交操作时，请沿用原来的幂等键（Idempotency-Key）。如仍失败，请将请求编号告知管理员", "Try again later; when you resend a command, use the same Idempotency-Key. If the request fails again, give the request ID to your administrator"),
	"evidence-damaged": says("所存文件与存入时的校验值不符，可能已损坏", "The stored file does not match its digest and may be damaged", "请联系管理员从备份中恢复", "Ask the administrator to restore the file from a backup"),
	"storage-full":     says("文件存储空间已满，文件未保存，其他业务不受影响", "File storage is full, so the file was not saved; everything else is unaffected", "请联系管理员扩充存储空间，然后重新上传该文件", "Ask the administrator to add storage, then upload the file again"),
	"database-away":    says("数据库暂时不可用", "The database is temporarily unavailable", "请稍后重试；重新提交操作时，请沿用原来的幂等键（Idempotency-Key），同一操作只会执行一次", "Try again later; when you resend a command, use the same Idempotency-Key, so that the command takes effect only once"),
	"record-busy":      says("相关记录正被其他操作占用，本次操作未执行", "The records concerned are in use by another operation, so nothing was done", "请稍后重试；重新提交操作时，请沿用原来的幂等键（Idempotency-Key），同一操作只会执行一次", "Try again shortly; when you resend a command, use the same Idempotency-Key, so that the command takes effect only once"),
	"temporal-away":    says("流程引擎（Temporal）暂时不可用，业务操作仍可提交", "The workflow engine (Temporal) is temporarily unavailable; commands are still accepted", "请稍后再查看流程状态", "Check the workflow status again later"),
	"stopping":         says("服务正在停止", "The service is shutting down", "请稍后重新连接", "Reconnect shortly"),
}

func says(whatZH, whatEN, nextZH, nextEN string) domain.Meaning {
	return domain.Meaning{Kind: domain.Invalid, What: text(whatZH, whatEN), Next: text(nextZH, nextEN)}
}

func text(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

// meaningOf returns the meaning of a code, from meanings or domain.Codes.
func meaningOf(code domain.Code) (domain.Meaning, bool) {
	if m, ok := meanings[code]; ok {
		return m, true
	}
	m, ok := domain.Codes[code]
	return m, ok
}

// codes lists every code that the API can return, in alphabetical order.
func codes() []domain.Code {
	return slices.Sorted(func(yield func(domain.Code) bool) {
		for _, m := range []map[domain.Code]domain.Meaning{meanings, domain.Codes} {
			for code := range maps.Keys(m) {
				if !yield(code) {
					return
				}
			}
		}
	})
}

// findingOf describes a refusal in both languages.
func findingOf(e *domain.Error) Finding {
	m, _ := meaningOf(e.Code)
	what, next := e.Explain(m)
	return Finding{
		Code: e.Code, Field: e.Field,
		ZH: Advice{what.ZH, next.ZH},
		EN: Advice{what.EN, next.EN},
	}
}

// problemOf builds the response to a request that was rejected for one or more reasons. The first of them determines
// the code of the problem.
func problemOf(ctx context.Context, refusals ...*domain.Error) *Problem {
	findings := make([]Finding, 0, len(refusals))
	for _, e := range refusals[:min(len(refusals), mostFindings)] {
		findings = append(findings, findingOf(e))
	}
	first := findings[0]
	p := &Problem{
		Type: "/problems/" + string(first.Code), Title: titleOf(first.Code), Status: statusOf(first.Code, first.Field),
		Detail: first.EN.What, Instance: "urn:uuid:" + requestID(ctx),
		Code: first.Code, Field: first.Field, ZH: first.ZH, EN: first.EN,
	}
	if len(findings) > 1 {
		p.Errors = findings
	}
	switch p.Status {
	case http.StatusUnauthorized:
		p.header = http.Header{"Www-Authenticate": {`Bearer realm="terrace"`}}
	case http.StatusServiceUnavailable:
		p.header = http.Header{"Retry-After": {"2"}}
	}
	return p
}

func titleOf(code domain.Code) string {
	words := strings.ReplaceAll(string(code), "-", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// explain converts the error that ended a request to a refusal that can be sent to the client. It logs an internal
// fault in full, and tells the client only the id of the request.
func explain(ctx context.Context, err error) *domain.Error {
	if refused, ok := domain.Refused(err); ok {
		return refused
	}
	if router, ok := errors.AsType[*echo.HTTPError](err); ok && router.Code == http.StatusNotFound {
		return domain.Refuse("no-such-route", "")
	}
	if errors.Is(err, context.Canceled) { // the client has disconnected
		return domain.Refuse("bad-request", "")
	}
	if postgres.Away(err) {
		logger(ctx).WarnContext(ctx, "database unavailable", "request", requestID(ctx), "error", err)
		return domain.Refuse("database-away", "")
	}
	if postgres.Busy(err) {
		logger(ctx).WarnContext(ctx, "gave up waiting for locked records", "request", requestID(ctx), "error", err)
		return domain.Refuse("record-busy", "")
	}
	logger(ctx).ErrorContext(ctx, "request failed", "request", requestID(ctx), "error", err)
	return domain.Refuse("fault", "")
}

// answerHuma builds the response for any error that huma reports.
func answerHuma(c huma.Context, status int, message string, errs ...error) huma.StatusError {
	refusals := refusalsOf(c, status, message, errs)
	if right, ok := c.Context().Value(rightKey{}).(func() error); ok && malformed(status, refusals) {
		if err := right(); err != nil {
			refusals = []*domain.Error{explain(c.Context(), err)}
		}
	}
	p := problemOf(c.Context(), refusals...)
	for name, values := range p.header {
		c.SetHeader(name, values[0])
	}
	return p
}

// malformed reports whether a request with a valid path was rejected for its form.
func malformed(status int, refusals []*domain.Error) bool {
	return (status == http.StatusBadRequest || status == http.StatusUnprocessableEntity) &&
		!slices.ContainsFunc(refusals, func(e *domain.Error) bool { return strings.HasPrefix(e.Field, "path.") })
}

func refusalsOf(c huma.Context, status int, message string, errs []error) []*domain.Error {
	ctx := c.Context()
	var refusals []*domain.Error
	for _, err := range errs {
		if detail, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			refusals = append(refusals, fieldNamed(unspell(detail), c.Operation()))
			continue
		}
		if message == "cannot read request body" {
			err = broken(err)
		}
		if several := domain.Refusals(err); len(several) > 0 {
			refusals = append(refusals, several...)
			continue
		}
		refusals = append(refusals, explain(ctx, err))
	}
	if len(refusals) > 0 {
		return refusals
	}
	switch status {
	case http.StatusBadRequest:
		return []*domain.Error{domain.Refuse("missing-body", "")}
	case http.StatusRequestTimeout:
		return []*domain.Error{domain.Refuse("slow-request", "")}
	case http.StatusRequestEntityTooLarge:
		return []*domain.Error{tooLargeFor(c.Operation().MaxBodyBytes)}
	default:
		return []*domain.Error{explain(ctx, errors.New(message))}
	}
}

// answerEcho responds to requests that never reach huma, such as those for an unknown route or method, and to requests
// that cause a panic.
func answerEcho(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	ctx := c.Request().Context()
	refusal := func() *domain.Error {
		if router, ok := errors.AsType[*echo.HTTPError](err); ok && router.Code == http.StatusMethodNotAllowed {
			return domain.Refuse("method-not-allowed", "", choice(strings.Split(c.Response().Header().Get(echo.HeaderAllow), ", "), nil)...)
		}
		return explain(ctx, err)
	}
	p := problemOf(ctx, refusal())
	c.Response().Header().Set(echo.HeaderContentType, problemType)
	maps.Copy(c.Response().Header(), p.header)
	c.Response().WriteHeader(p.Status)
	if c.Request().Method == http.MethodHead {
		return
	}
	if err := json.NewEncoder(c.Response()).Encode(p); err != nil {
		logger(ctx).DebugContext(ctx, "answer not written", "request", requestID(ctx), "error", err)
	}
}

// separator separates the parts of a refusal encoded as text.
const separator = "\x1f"

// spell encodes a refusal as text: its code and field, followed by alternating argument names and values.
func spell(e *domain.Error) string {
	parts := []string{string(e.Code), e.Field}
	for name, value := range e.Args {
		parts = append(parts, name, value)
	}
	return strings.Join(parts, separator)
}

// unspell decodes a refusal that huma reports as an error detail. The detail's location is the part of the request that
// huma was validating.
func unspell(detail *huma.ErrorDetail) *domain.Error {
	parts := strings.Split(detail.Message, separator)
	if detail.Location == "header.Content-Digest" {
		return domain.Refuse("bad-digest", detail.Location)
	}
	if len(parts) < 2 {
		return unworded(detail)
	}
	code, field := domain.Code(parts[0]), located(detail.Location)
	if parts[1] != "" {
		field = join(field, parts[1])
	}
	if code == "missing-field" { // huma gives the location of the object that lacks the field
		field = join(field, parts[3])
	}
	if code == "bad-format" && parts[3] == moreThanSpaces {
		return domain.Refuse("blank", field)
	}
	if code == "unknown-field" {
		var why domain.Text
		if field == "programme" { // of a draft that is saved again
			why = domain.T("：资助计划在起草时选定，此后不能更改", ": the programme is chosen when the pilot is drafted, and cannot be changed")
		}
		return domain.Refuse(code, field, "name", field[strings.LastIndexByte(field, '.')+1:], "zh", why.ZH, "en", why.EN)
	}
	if len(parts) == 4 && parts[2] == "want" {
		return wanting(code, field, parts[3])
	}
	if code == "too-small" || code == "too-large" {
		return beyond(code, field, parts[2], parts[3])
	}
	if len(parts) == 4 && parts[2] == "allowed" {
		return domain.Refuse(code, field, choice(strings.Split(parts[3], ", "), valueNames)...)
	}
	return domain.Refuse(code, field, parts[2:]...)
}

// choice returns the arguments for a refusal that lists the allowed values with their names.
func choice(values []string, names map[string]domain.Text) []string {
	return domain.Choice(values, func(value string) domain.Text { return names[value] })
}

// valueNames holds the display names of enumerated values.
var valueNames = func() map[string]domain.Text {
	all := map[string]domain.Text{
		"mine": text("本人待办", "your own"), "seats": text("本单位待办", "those of your office, organization or village"), "others": text("他人待办", "those of others"),
		"true": text("是", "yes"), "false": text("否", "no"),
	}
	addNames(all, pilot.Outcomes)
	addNames(all, project.VerdictOutcomes)
	addNames(all, project.MoneySources)
	return all
}()

func addNames[Value ~string](all map[string]domain.Text, names map[Value]domain.Text) {
	for value, name := range names {
		all[string(value)] = name
	}
}

// wanting returns the refusal for a value of the wrong type or format, with a description of what its schema expects.
func wanting(code domain.Code, field, want string) *domain.Error {
	if want == "integer" && amount.MatchString(field) {
		want = "fen"
	}
	said, known := wants[want]
	if !known {
		said = text(" "+want, want)
	}
	return domain.Refuse(code, field, "zh", said.ZH, "en", said.EN)
}

// beyond returns the refusal for a number that is past its bound. It states the bound of an amount in fen, as clients
// send amounts, and in yuan.
func beyond(code domain.Code, field, name, bound string) *domain.Error {
	said := text(bound, bound)
	if fen, err := strconv.ParseInt(bound, 10, 64); err == nil && amount.MatchString(field) {
		yuan := money.Fen(fen).String()
		said = text(bound+" 分（"+yuan+"元）", bound+" fen ("+yuan+" yuan)")
	}
	return domain.Refuse(code, field, name, said.EN, name+"-zh", said.ZH)
}

// amount matches the names of fields that hold money.
var amount = regexp.MustCompile(`(^|[._])fen$`)

// wants describes the types and formats that schemas can require: JSON's types, formats, and patterns, which are keyed
// by their description or, if they have none, by the pattern itself.
var wants = map[string]domain.Text{
	"boolean": text("布尔值（true 或 false）", "a boolean"),
	"number":  text("数字", "a number"),
	"integer": text("整数", "an integer"),
	"fen":     text("以分为单位的整数（1元=100分，1200.00元填 120000）", "a whole number of fen (1 yuan is 100 fen, so 1200.00 yuan is 120000)"),
	"string":  text("文本", "a string"),
	"array":   text("数组", "an array"),
	"object":  text("对象", "an object"),

	"UUID":   text("通用唯一识别码（UUID）", "a UUID"),
	"UTF-8":  text(" UTF-8 文本", "text in UTF-8"),
	"date":   text("日期，如 2018-06-15", "a date such as 2018-06-15"),
	"moment": text("时刻，如 2018-06-15T18:00:00+08:00", "a time such as 2018-06-15T18:00:00+08:00"),

	"6, 9 or 12 digits":                    text(" 6、9 或 12 位数字", "6, 9 or 12 digits"),
	"64 hexadecimal digits, small letters": sha256Format,
	"a code":                               text("错误代码，如 wrong-stage", "an error code such as wrong-stage"),
	"a cursor as next gives it":            text("前一页 next 给出的分页标记", "the cursor given as next on the previous page"),
	"a kind of spending":                   text("支出类别代码", "the code of a spending category"),
	"a programme, pilot, project, contract or recovery": text("资助计划、试点、项目、评估合同或追回事项的编号", "the ID of a programme, pilot, project, evaluation contract or recovery"),
	"a project's id":                     text("项目编号", "a project ID"),
	"a unified social credit code":       text(" 18 位统一社会信用代码（数字和大写字母）", "a unified social credit code of exactly 18 digits and capital letters"),
	"an id as Terrace gives it":          text("系统分配的编号", "an ID assigned by Terrace"),
	"sha-256=:base64:":                   text(" sha-256=:Base64:", "sha-256=:base64:"),
	"small letters, digits and dashes":   text("小写字母、数字和连字符", "lower-case letters, digits and hyphens"),
	`the ETag of a read, like "7", or *`: text(`查阅时的 ETag，如 "7"，或 *`, `the ETag received when reading, such as "7", or *`),
	"the id of an event":                 text("事件编号（id）", "the ID of an event"),
	"the key of an open turn":            text("待办事项的 key", "the key of an open item"),
	"visible ASCII characters":           text("可见的 ASCII 字符", "visible ASCII characters"),
	moreThanSpaces:                       text("内容（不能只有空格）", "more than spaces"),
	"words to look for":                  text("检索词", "a search term"),

	"^[0-9a-f]{64}$":       sha256Format,
	"^[A-Za-z0-9-]{1,24}$": text(" 1 至 24 个字母、数字或连字符", "1 to 24 letters, digits or hyphens"),
	"^[A-Z][A-Z0-9]{0,7}$": text(" 1 至 8 位大写字母或数字，以大写字母开头，如 M1", "up to 8 capital letters or digits, beginning with a letter, such as M1"),
	"^[0-9]{12}$":          text(" 12 位数字", "12 digits"),
	"^[0-9]{8,32}$":        text(" 8 至 32 位数字", "8 to 32 digits"),
	"^[0-9A-Za-z-]{4,40}$": text(" 4 至 40 个字母、数字或连字符", "4 to 40 letters, digits or hyphens"),
}

// moreThanSpaces describes the pattern for text that must not be blank. Text that does not match is rejected with the
// code blank instead of bad-format.
const moreThanSpaces = "more than spaces"

var sha256Format = text(" 64 位小写十六进制数（SHA-256）", "64 lower-case hexadecimal digits (SHA-256)")

// located converts the location of a fault from huma's notation to that used in problems.
func located(location string) string {
	if location == "body" {
		return ""
	}
	return strings.TrimPrefix(location, "body.")
}

// unworded interprets those of huma's messages that cannot be replaced through a variable.
func unworded(detail *huma.ErrorDetail) *domain.Error {
	field := located(detail.Location)
	_, name, _ := strings.Cut(field, ".")
	switch message := detail.Message; {
	case field == "header.Idempotency-Key":
		return domain.Refuse("idempotency-key-missing", field)
	case strings.HasPrefix(message, "required "):
		return domain.Refuse("missing-parameter", field, "name", name)
	case message == "unknown query parameter":
		return domain.Refuse("unknown-parameter", field, "name", name)
	case strings.HasPrefix(message, "unknown content type"):
		return domain.Refuse("media-type", "header.Content-Type", "got", "", "allowed", "application/json", "allowed-zh", "application/json")
	default: // "invalid integer", "invalid boolean" …
		return wanting("wrong-type", field, strings.TrimPrefix(message, "invalid "))
	}
}

func tooLargeFor(limit int64) *domain.Error {
	return domain.Refuse("body-too-large", "", "most", itoa(limit))
}

// speak replaces huma's messages, which are package variables, with our codes.
var speak = sync.OnceFunc(func() {
	huma.NewErrorWithContext = answerHuma
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError { return &Problem{Status: status} }
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false

	say := func(code string, args ...string) string {
		return strings.Join(append([]string{code, ""}, args...), separator)
	}
	validation.MsgUnexpectedProperty = say("unknown-field")
	validation.MsgExpectedRequiredProperty = say("missing-field", "name", "%s")
	validation.MsgExpectedBoolean = say("wrong-type", "want", "boolean")
	validation.MsgExpectedNumber = say("wrong-type", "want", "number")
	validation.MsgExpectedInteger = say("wrong-type", "want", "integer")
	validation.MsgExpectedString = say("wrong-type", "want", "string")
	validation.MsgExpectedArray = say("wrong-type", "want", "array")
	validation.MsgExpectedObject = say("wrong-type", "want", "object")
	validation.MsgExpectedMinimumNumber = say("too-small", "least", "%.0f")
	validation.MsgExpectedMaximumNumber = say("too-large", "most", "%.0f")
	validation.MsgExpectedMinLength = say("too-short", "least", "%d")
	validation.MsgExpectedMaxLength = say("too-long", "most", "%d")
	validation.MsgExpectedMinItems = say("too-few", "least", "%d")
	validation.MsgExpectedMaxItems = say("too-many", "most", "%d")
	validation.MsgExpectedArrayItemsUnique = say("not-unique")
	validation.MsgExpectedOneOf = say("not-allowed", "allowed", "%s")
	validation.MsgExpectedMatchPattern = say("bad-format", "want", "%s")
	validation.MsgExpectedBePattern = say("bad-format", "want", "%s")
	validation.MsgExpectedRFC4122UUID = say("bad-format", "want", "UUID%.0s") // %.0s drops huma's reason
	validation.MsgExpectedRFC3339Date = say("bad-format", "want", "date")
	validation.MsgExpectedRFC3339DateTime = say("bad-format", "want", "moment")
})

func logger(ctx context.Context) *slog.Logger {
	if l, ok := ctx.Value(loggerKey{}).(*slog.Logger); ok {
		return l
	}
	return slog.Default()
}
