using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Soar.Server.Accounts;
using Soar.Server.Http;

namespace Soar.Server.Tests.Http;

/// <summary>Every route × every role, against a table that stands here and is written by hand: a route that is not in it fails, and so does one whose rule is another.</summary>
public sealed class AccessTests
{
    private const string V = Access.Viewer, P = Access.Approver, N = Access.Analyst, E = Access.Engineer, U = Access.Auditor, A = Access.Administrator;

    private static readonly string[] Everybody = [V, P, N, E, U, A];

    /// <summary>By a secret of its own, which none of them has.</summary>
    private static readonly string[] BySecret = [];

    /// <summary>Route → who may call it. Null: anybody, logged in or not.</summary>
    private static readonly Dictionary<string, string[]?> Expected = new(StringComparer.Ordinal)
    {
        ["GET /health/live"] = null,
        ["GET /health/ready"] = null,
        ["GET /metrics"] = Everybody,
        ["POST /api/setup"] = null,
        ["POST /api/login"] = null,
        ["GET /api/login"] = null,
        ["GET /api/login/{provider}"] = null,
        ["GET /api/login/{provider}/callback"] = null,
        ["POST /api/me/logins/{provider}"] = Everybody,
        ["DELETE /api/users/{name}/logins/{provider}"] = [A],
        ["POST /api/password"] = null,
        ["POST /api/logout"] = Everybody,
        ["GET /api/openapi.json"] = null,
        ["GET /api/me"] = Everybody,
        ["GET /api/me/totp"] = Everybody,
        ["PUT /api/me/totp"] = Everybody,
        ["DELETE /api/users/{name}/totp"] = [A],
        ["GET /api/events"] = Everybody,
        ["GET /api/users/"] = [A],
        ["POST /api/users/"] = [A],
        ["PATCH /api/users/{name}"] = [A],
        ["POST /api/users/{name}/code"] = [A],
        ["GET /api/tokens/"] = Everybody,
        ["POST /api/tokens/"] = Everybody,
        ["DELETE /api/tokens/{id:guid}"] = Everybody,
        ["GET /api/runs/"] = Everybody,
        ["POST /api/runs/"] = [N, E, A],
        ["GET /api/runs/{id:guid}"] = Everybody,
        ["POST /api/runs/{id:guid}/cancel"] = [N, E, A],
        ["POST /api/runs/{id:guid}/pause"] = [N, E, A],
        ["POST /api/runs/{id:guid}/resume"] = [N, E, A],
        ["POST /api/runs/{id:guid}/signals"] = [N, E, A],
        ["GET /api/questions/"] = Everybody,
        ["GET /api/questions/{id:guid}"] = Everybody,
        ["GET /api/questions/{id:guid}/people"] = Everybody,
        ["POST /api/questions/{id:guid}/answer"] = [P, N, A],
        ["GET /api/rota"] = Everybody,
        ["GET /api/rota/shifts"] = Everybody,
        ["GET /api/calendar"] = Everybody,
        ["GET /api/dashboard"] = Everybody,
        ["POST /api/questions/{id:guid}/claim"] = [P, N, A],
        ["POST /api/questions/{id:guid}/delegate"] = [P, N, A],
        ["GET /api/containments/"] = Everybody,
        ["POST /api/containments/{id:guid}/lift"] = [N, A],
        ["GET /api/playbooks/"] = Everybody,
        ["GET /api/playbooks/{name}"] = Everybody,
        ["POST /api/editor/diagram"] = [E, A],
        ["POST /api/editor/edit"] = [E, A],
        ["POST /api/editor/copy"] = [E, A],
        ["POST /api/editor/check"] = [E, A],
        ["POST /api/editor/complete"] = [E, A],
        ["GET /api/editor/palette"] = [E, A],
        ["GET /api/drafts/{name}"] = [E, A],
        ["PUT /api/drafts/{name}"] = [E, A],
        ["DELETE /api/drafts/{name}"] = [E, A],
        ["GET /api/playbooks/{name}/versions"] = Everybody,
        ["GET /api/playbooks/{name}/versions/{version}"] = Everybody,
        ["GET /api/playbooks/{name}/compare"] = Everybody,
        ["GET /api/playbooks/{name}/used-by"] = Everybody,
        ["POST /api/playbooks/{name}/roll-back"] = [E, A],
        ["GET /api/reviews/"] = Everybody,
        ["POST /api/reviews/"] = [E, A],
        ["GET /api/reviews/{id:guid}"] = [E, A],
        ["POST /api/reviews/{id:guid}/comments"] = [E, A],
        ["POST /api/reviews/{id:guid}/decision"] = [E, A],
        ["POST /api/reviews/{id:guid}/withdraw"] = [E, A],
        ["POST /api/reviews/{id:guid}/publish"] = [E, A],
        ["POST /api/drafts/{name}/dry-run"] = [E, A],
        ["POST /api/drafts/dry-runs/{id:guid}/answer"] = [E, A],
        ["POST /api/drafts/{name}/tests"] = [E, A],
        ["GET /api/drafts/dry-runs/{id:guid}/stop"] = [E, A],
        ["POST /api/drafts/dry-runs/{id:guid}/continue"] = [E, A],
        ["POST /api/drafts/{name}/rehearsal"] = [E, A],
        ["GET /api/audit"] = [U, A],
        ["GET /api/audit/verify"] = [U, A],
        ["GET /api/alerts/"] = Everybody,
        ["POST /api/alerts/"] = [N, E, A],
        ["GET /api/alerts/{id}"] = Everybody,
        ["GET /api/alerts/{id}/duplicates"] = Everybody,
        ["POST /api/alerts/{id}/ask-again"] = [N, E, A],
        ["GET /api/cases/"] = Everybody,
        ["GET /api/cases/{id}"] = Everybody,
        ["GET /api/cases/{id}/custody"] = Everybody,
        ["GET /api/runs/{id:guid}/playbook"] = Everybody,
        ["POST /api/hooks/{hook}"] = BySecret,
        ["GET /api/cases/metrics"] = Everybody,
        ["PATCH /api/cases/{id}"] = [N, E, A],
        ["POST /api/cases/{id}/notes"] = [N, E, A],
        ["POST /api/cases/{id}/tasks"] = [N, E, A],
        ["PATCH /api/cases/{id}/tasks/{number:long}"] = [N, E, A],
        ["GET /api/cases/{id}/timeline"] = Everybody,
        ["GET /api/cases/{id}/related"] = Everybody,
        ["PUT /api/cases/{id}/hold"] = [N, E, A],
        ["DELETE /api/cases/{id}/hold"] = [A],
        ["GET /api/retention"] = Everybody,
        ["POST /api/cases/{id}/merge"] = [N, E, A],
        ["POST /api/cases/{id}/split"] = [N, E, A],
        ["GET /api/kill-switches/"] = Everybody,
        ["PUT /api/kill-switches/"] = [P, N, E, A],
        ["DELETE /api/kill-switches/{id:guid}"] = [P, N, A],
        ["GET /api/schedules/"] = Everybody,
        ["GET /api/schedules/{name}"] = Everybody,
        ["GET /api/connectors/"] = [N, E, U, A],
        ["GET /api/connectors/{name}"] = [N, E, U, A],
        ["POST /api/connectors/{name}/test"] = [N, E, A],
        ["GET /api/credentials/"] = [N, E, U, A],
        ["PUT /api/credentials/{name}"] = [A],
        ["DELETE /api/credentials/{name}"] = [A],
        ["POST /api/credentials/rotate"] = [A],
        ["GET /api/lists/"] = Everybody,
        ["GET /api/lists/{name}"] = Everybody,
        ["GET /api/lists/{name}/versions"] = Everybody,
        ["PUT /api/lists/{name}"] = [N, E, A],
        ["POST /api/lists/{name}/import"] = [N, E, A],
        ["GET /answer/{link}"] = BySecret,
        ["HEAD /answer/{link}"] = BySecret,
        ["POST /answer/{link}"] = BySecret,
    };

    [Fact]
    public async Task Every_route_of_every_role_answers_as_the_table_says()
    {
        await using var served = await Served.StartAsync("roles: { shift-lead: [approver.1] }\nhttp: { loginsPerMinute: 1000 }\n");
        var routes = served.Server.Endpoints.OfType<RouteEndpoint>().SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => (Method: method, Path: e.RoutePattern.RawText!, Rule: e.Metadata.GetMetadata<Rule>()))).ToList();
        Assert.Equal(Expected.Keys.Order(StringComparer.Ordinal), routes.Select(r => $"{r.Method} {r.Path}").Order(StringComparer.Ordinal));
        Assert.All(routes, route => Assert.NotNull(route.Rule));

        using var administrator = await served.AdministratorAsync();
        using var nobody = served.Browser();
        var problems = new List<string>();
        foreach (var (method, path, _) in routes.Where(r => Expected[$"{r.Method} {r.Path}"] is not null))
            if (await StatusAsync(nobody, method, path) is not HttpStatusCode.Unauthorized and var status) problems.Add($"{method} {path}: anonymous got {status}");

        foreach (var role in Everybody)
        {
            using var user = await served.UserAsync(administrator, $"{role}.1", role == P ? [] : [role]);
            // Logging out comes last: it ends the session that the others need.
            foreach (var (method, path, _) in routes.Where(r => Expected[$"{r.Method} {r.Path}"] is not null).OrderBy(r => r.Path == "/api/logout"))
            {
                var may = Expected[$"{method} {path}"]!.Contains(role);
                var status = await StatusAsync(user, method, path);
                if (may == status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized) problems.Add($"{method} {path}: {role} got {status}");
                if ((int)status >= 500) problems.Add($"{method} {path}: {role} got {status}");
            }
        }

        Assert.Empty(problems);
    }

    [Fact]
    public void Every_permission_is_somebody_s_and_an_unknown_role_is_nobody_s()
    {
        Assert.All(Enum.GetValues<Permission>(), permission => Assert.Contains(Access.Table.Values, held => held.Contains(permission)));
        var user = new Soar.Storage.User(Guid.Empty, "eve", "Eve", ["root", "Administrator"], null, null, 0, null, null, default, "ana");
        Assert.Empty(Access.Of(user, new Dictionary<string, IReadOnlyList<string>>()));
    }

    [Fact]
    public void A_route_without_a_rule_is_found()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/stated", () => "").ForAnybody();
        app.MapGet("/forgotten", () => "");
        Assert.Contains("/forgotten", Assert.Single(Rules.Unstated(((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints))));
    }

    // A route is only asked who may call it once the body is of a kind that it takes.
    private static object? BodyFor(string method, string path) => method is "GET" or "DELETE" ? null : path.EndsWith("/import", StringComparison.Ordinal) ? new StringContent("", null, "text/csv") : "{}";

    private static async Task<HttpStatusCode> StatusAsync(Browser browser, string method, string path)
    {
        using var response = await browser.SendAsync(new HttpMethod(method), path.Replace("{id:guid}", "01890000-0000-7000-8000-000000000000").Replace("{name}", "nobody").Replace("{version}", "1.0.0").Replace("{number:long}", "7").Replace("{hook}", "gate"), BodyFor(method, path), whole: false);
        return response.StatusCode;
    }
}
