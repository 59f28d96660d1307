using System.Reflection;
using System.Text;
using System.Text.Json;
using Soar.Capabilities;

namespace Soar.Server.Commands;

/// <summary>
/// Writes a connector for a capability that there is: every action is one request of a plain JSON service (<c>POST firewall/block</c>), which the suite's double speaks too. It works as it
/// stands; whoever has another product changes one method after the other and keeps the suite green.
/// </summary>
internal sealed class CapabilityCode(CapabilityDescriptor capability, string name, string pascal)
{
    private static readonly NullabilityInfoContext Nullability = new();

    private string Interface => capability.Type.Name;
    private string Path => capability.Name.ToLowerInvariant();

    private IEnumerable<MethodInfo> Probes => capability.Actions.Select(action => action.Probe).OfType<MethodInfo>().Distinct();

    public string Settings() => $$"""
        using Soar.Connectors;
        using Soar.Connectors.Http;

        namespace {{pascal}};

        /// <summary>What stands in soar.yaml; address, certificates, proxy and time-out come from <see cref="HttpServiceSettings"/>.</summary>
        public sealed record {{pascal}}Settings : HttpServiceSettings
        {
            [Setting("Token of a user of Soar's own at the service.")]
            public Secret? Token { get; init; }

            public override IEnumerable<string> Problems()
            {
                foreach (var problem in base.Problems())
                    yield return problem;
                if (Token is null)
                    yield return "token: is missing; write env:NAME or file:/path of a token that the service made";
            }
        }

        """;

    public string Connector()
    {
        var code = new StringBuilder($$"""
            using System.Net.Http.Headers;
            using System.Text.Json;
            using Soar;
            using Soar.Capabilities;
            using Soar.Connectors;
            using Soar.Connectors.Http;

            namespace {{pascal}};

            /// <summary>One class, made once from its settings, used by all runs at once. What HTTP can answer is told by <see cref="HttpAccess"/>.</summary>
            [Connector("{{name}}", "Brings {{capability.Name}} by a JSON service.")]
            public sealed class {{pascal}}Connector({{pascal}}Settings settings, ConnectorServices services) : IConnector, {{Interface}}
            {
                private readonly HttpAccess http = new(settings.Rules() with { Authorise = request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.Token!.Reveal()) }, services);

                public object Simulator { get; } = new {{pascal}}Simulator();


            """);
        foreach (var action in capability.Actions)
        {
            var how = action.Effect == Effect.ReadsOnly ? "Reads" : "Changes";
            var call = $"HttpCall.{how}(HttpMethod.Post, settings.At($\"{Path}/{action.Name.ToLowerInvariant()}\")).Json({Body(action.Method)}){(how == "Changes" ? ".Header(\"Idempotency-Key\", context.Key.Value)" : "")}";
            code.Append($"    public async {Signature(action.Method)}\n    {{\n");
            code.Append(action.ResultType is null ? $"        await http.SendAsync({call}, cancellation);\n" : $"        var reply = await http.SendAsync({call}, cancellation);\n        return reply.Json<{TypeName(action.ResultType)}>();\n");
            code.Append("    }\n\n");
        }

        foreach (var probe in Probes)
        {
            var result = TypeName(ResultOf(probe));
            var action = capability.Actions.First(action => action.Probe == probe);
            code.Append($$"""
                    public async {{Signature(probe)}}
                    {
                        var reply = await http.SendAsync(HttpCall.Reads(HttpMethod.Post, settings.At($"{{Path}}/{{action.Name.ToLowerInvariant()}}/probe")).Json({{Body(probe)}}).Header("Idempotency-Key", context.Key.Value), cancellation);
                        var found = reply.Json<Found<{{result}}>>();
                        return found.Present && found.Result is { } result ? Probe.Present(result, found.Ours) : Probe.Absent<{{result}}>();
                    }


                """);
        }

        code.Append($$"""
                public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
                {
                    var reply = await http.SendAsync(HttpCall.Reads(settings.At($"{{Path}}")), cancellation);
                    return new ConnectorTest(true, $"{HttpAccess.Show(reply.Address)} answers and takes the token.");
                });

                public ValueTask DisposeAsync()
                {
                    http.Dispose();
                    return ValueTask.CompletedTask;
                }
            """);
        if (Probes.Any()) code.Append("\n\n    /// <summary>What the service says of a probe.</summary>\n    private sealed record Found<T>(bool Present, bool Ours, T? Result);");
        return code.Append("\n}\n").ToString();
    }

    public string Simulator()
    {
        var code = new StringBuilder($$"""
            using System.Text.Json;
            using Soar;
            using Soar.Capabilities;

            namespace {{pascal}};

            /// <summary>Answers dry runs and playbook tests; touches nothing, keeps nothing. Refuse here what the product would surely refuse.</summary>
            internal sealed class {{pascal}}Simulator : {{Interface}}
            {

            """);
        foreach (var action in capability.Actions)
        {
            var result = action.ResultType is null ? "Task.CompletedTask" : $"Task.FromResult<{TypeName(action.ResultType)}>({Sample(action.ResultType, action.Method.GetParameters())})";
            code.Append($"    public {Signature(action.Method)} =>\n        {result};\n\n");
        }

        foreach (var probe in Probes) code.Append($"    public {Signature(probe)} => Task.FromResult(Probe.Absent<{TypeName(ResultOf(probe))}>());\n\n");
        code.Length--;
        return code.Append("}\n").ToString();
    }

    public string Contract() => $$"""
        using Soar.Capabilities;
        using Soar.Testing;
        using Soar.Testing.Contract;

        namespace {{pascal}}.Tests;

        /// <summary>The whole contract for one connector: its settings, what is wrong with others, and a double of the other side.</summary>
        public sealed class {{pascal}}Contract : ConnectorSuite<{{pascal}}Connector, {{pascal}}Settings, HttpOtherSide>
        {
            // It speaks as the connector was made to. Put one in its place that speaks as your product does.
            protected override HttpOtherSide Double() => Mirror.Of(new {{pascal}}Connector(new {{pascal}}Settings(), Given.Services()));

            protected override {{pascal}}Settings Settings(HttpOtherSide other) => new() { Address = other.Address, Token = Canary, Timeout = other.Patience };

            protected override IEnumerable<({{pascal}}Settings Settings, string Field)> Wrong({{pascal}}Settings good) =>
                [(good with { Address = null }, "address"), (good with { Token = null }, "token"), (good with { CaFile = "/nowhere" }, "caFile")];

            // A repeat asks again under the same key. Where your product would undo something on the way, let the connector look first, and take this away.
            protected override string? Resends(ActionDescriptor action) => "the other side knows the key and leaves alone what stands";
        }

        """;

    private static Type ResultOf(MethodInfo probe) => probe.ReturnType.GetGenericArguments()[0].GetGenericArguments()[0];

    private static string Signature(MethodInfo method) =>
        $"{TypeName(method.ReturnType)} {method.Name}({string.Join(", ", method.GetParameters().Select(parameter => $"{TypeName(parameter.ParameterType, Nullability.Create(parameter))} {parameter.Name}{Default(parameter)}"))})";

    private static string Default(ParameterInfo parameter) => !parameter.HasDefaultValue ? "" : parameter.DefaultValue switch
    {
        null => parameter.ParameterType.IsValueType ? " = default" : Nullability.Create(parameter).WriteState == NullabilityState.Nullable ? " = null" : " = null!",
        string text => $" = {JsonSerializer.Serialize(text)}",
        bool yes => yes ? " = true" : " = false",
        _ when parameter.ParameterType.IsEnum => $" = {TypeName(parameter.ParameterType)}.{Enum.ToObject(parameter.ParameterType, parameter.DefaultValue)}",
        var number => $" = {number}",
    };

    private static string Body(MethodInfo method) => $"new {{ {string.Join(", ", method.GetParameters()[..^2].Select(parameter => parameter.Name))} }}".Replace("{  }", "{ }", StringComparison.Ordinal);

    private static string TypeName(Type type, NullabilityInfo? nullability = null)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return TypeName(inner) + "?";
        var suffix = nullability is { ReadState: NullabilityState.Nullable } && !type.IsValueType ? "?" : "";
        if (type.IsGenericType) return $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select((argument, i) => TypeName(argument, nullability?.GenericTypeArguments.ElementAtOrDefault(i))))}>{suffix}";
        return (type.Name switch { "String" => "string", "Int32" => "int", "Int64" => "long", "UInt32" => "uint", "Boolean" => "bool", "Double" => "double", "Object" => "object", var other => other }) + suffix;
    }

    /// <summary>An expression of this type; what the action was given comes back where a name fits.</summary>
    private static string Sample(Type type, IReadOnlyList<ParameterInfo> given)
    {
        if (Nullable.GetUnderlyingType(type) is not null) return "null";
        if (type.IsEnum) return $"{TypeName(type)}.{Enum.GetNames(type)[0]}";
        if (type.IsGenericType) return type.Name.StartsWith("IReadOnlyDictionary", StringComparison.Ordinal) ? $"new Dictionary<{string.Join(", ", type.GetGenericArguments().Select(argument => TypeName(argument)))}>()" : "[]";
        var simple = type.Name switch
        {
            "String" => "\"simulated\"", "Boolean" => "false", "Int32" or "Int64" or "UInt32" or "Double" => "0", "DateTimeOffset" => "DateTimeOffset.UnixEpoch", "TimeSpan" => "TimeSpan.Zero",
            "JsonElement" => "JsonSerializer.SerializeToElement(new { })", "Text" => "\"simulated\"", "IpAddress" => "IpAddress.Parse(\"203.0.113.66\")", "EmailAddress" => "EmailAddress.Parse(\"a@b.example\")",
            "DomainName" => "DomainName.Parse(\"www.example\")", "Uri" => "new Uri(\"https://simulated.invalid/\")", _ => null,
        };
        if (simple is not null) return simple;
        var constructor = type.GetConstructors().OrderBy(made => made.GetParameters().Length).First();
        var arguments = constructor.GetParameters().Select(parameter => Given(parameter.Name!, parameter.ParameterType, given));
        var required = type.GetProperties().Where(property => property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute))).Select(property => $"{property.Name} = {Given(property.Name, property.PropertyType, given)}").ToList();
        return $"new {TypeName(type)}({string.Join(", ", arguments)}){(required.Count > 0 ? $" {{ {string.Join(", ", required)} }}" : "")}";
    }

    private static string Given(string name, Type type, IReadOnlyList<ParameterInfo> given)
    {
        var same = given.FirstOrDefault(parameter => string.Equals(parameter.Name, name, StringComparison.OrdinalIgnoreCase));
        if (same?.ParameterType == type && (type.IsValueType || Nullability.Create(same).WriteState != NullabilityState.Nullable)) return same.Name!;
        return same?.ParameterType == typeof(Text) && type == typeof(string) ? $"{same.Name}.ToString()" : Sample(type, given);
    }
}
