using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Soar.Server.Http;

/// <summary>The OpenAPI 3.1 document, made from the routes themselves: what each wants and answers, who may call it, and that every error is a <see cref="Problem"/>.</summary>
internal static class ApiDocument
{
    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Soar", Version = "1", Description = "Runs security playbooks. Log in with POST /api/login and send the header X-Soar-Antiforgery with every change, or send a token as 'Authorization: Bearer'." };
            // Where the server listens is no part of what it offers.
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                ["session"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = "soar", Description = "Under TLS its name is __Host-soar." },
                ["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, cancellation) =>
        {
            var rule = context.Description.ActionDescriptor.EndpointMetadata.OfType<Rule>().FirstOrDefault();
            var who = rule switch { Rule.Needs needs => needs.Permission.ToString(), Rule.AnyUser => "any user", Rule.OwnSecret => "a secret of its own", _ => "anybody" };
            operation.Extensions = new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal) { ["x-soar-needs"] = new JsonNodeExtension(JsonValue.Create(who)) };
            if (rule is not (Rule.Anybody or Rule.OwnSecret))
            {
                operation.Security =
                [
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("session", context.Document)] = [] },
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", context.Document)] = [] },
                ];
            }

            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Example>().FirstOrDefault() is { } example && operation.RequestBody?.Content?.TryGetValue("application/json", out var body) == true)
                body.Example = JsonNode.Parse(example.Json);
            operation.Responses ??= [];
            operation.Responses["default"] = new OpenApiResponse
            {
                Description = "An error, with its SOAR code.",
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/problem+json"] = new() { Schema = await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancellation) } },
            };
        });
    }
}
