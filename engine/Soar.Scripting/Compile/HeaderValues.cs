using System.Globalization;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Soar.Scripting.Compile;

/// <summary>What a header value is when it is not a value: the text that is to blame, what is wrong, what to write.</summary>
internal sealed class HeaderValueException(SyntaxNode node, string code, string message, string remedy) : Exception(message)
{
    public SyntaxNode Node { get; } = node;
    public string Code { get; } = code;
    public string Remedy { get; } = remedy;
}

/// <summary>
/// Works out the values of a header without executing anything: constants as the compiler sees them, enum members, durations and addresses from a
/// closed table (matched by the member's own definition, never by its name), lists of these.
/// </summary>
internal static class HeaderValues
{
    private const string Allowed = "Write a literal, an enum member, a duration such as 24.Hours, a const, nameof, or a list [a, b] of these.";

    /// <summary>The value as a .NET object: string, number, bool, enum member (as <see cref="EnumMember"/>), TimeSpan, IpAddress, EmailAddress, DomainName, object?[] or null.</summary>
    public static object? Read(IOperation operation)
    {
        if (operation is IConversionOperation conversion && !conversion.ConstantValue.HasValue) return Read(conversion.Operand);
        if (operation.ConstantValue.HasValue) return Constant(operation, operation.ConstantValue.Value);
        switch (operation)
        {
            case IParenthesizedOperation inner: return Read(inner.Operand);
            case IPropertyReferenceOperation property: return Property(property);
            case IFieldReferenceOperation { Field: { IsStatic: true } field } when Is(field.ContainingType, "System.TimeSpan"):
                return field.Name switch { "Zero" => TimeSpan.Zero, "MaxValue" => TimeSpan.MaxValue, _ => throw NotAValue(operation) };
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Minus } minus when Read(minus.Operand) is TimeSpan duration: return -duration;
            case IInvocationOperation call: return Call(call);
            case IDefaultValueOperation { Type: { } type }: return DefaultOf(operation, type);
            case IArrayCreationOperation { Initializer: { } initializer }: return initializer.ElementValues.Select(Read).ToArray();
            case ICollectionExpressionOperation { Elements: var elements }: return elements.Select(Read).ToArray();
            default: throw NotAValue(operation);
        }
    }

    /// <summary>The value as JSON, as it would be journaled.</summary>
    public static string ToJson(object? value) => value switch
    {
        EnumMember member => JsonSerializer.Serialize(member.Name, SoarOptions),
        object?[] list => "[" + string.Join(",", list.Select(ToJson)) + "]",
        null => "null",
        _ => JsonSerializer.Serialize(value, value.GetType(), SoarOptions),
    };

    private static readonly JsonSerializerOptions SoarOptions = Capabilities.SoarJson.Options;

    private static object? Constant(IOperation operation, object? value)
    {
        if (operation.Type is not INamedTypeSymbol { TypeKind: TypeKind.Enum } type) return value;
        // Amber | Red is a legal constant of C#, and names nothing.
        var member = type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => field.HasConstantValue && Equals(field.ConstantValue, value));
        if (member is not null) return new EnumMember(type.Name, member.Name);
        var names = string.Join(", ", type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue).Select(field => $"{type.Name}.{field.Name}"));
        throw new HeaderValueException(operation.Syntax, "SOAR1022", $"'{operation.Syntax}' is no member of {type.Name}.", $"Write one of {names}.");
    }

    private static object Property(IPropertyReferenceOperation reference)
    {
        var property = reference.Property;
        if (Is(property.ContainingType, "Soar.Until") && property.Name == "Lifted") return Until.Lifted;
        // A C# 14 extension property lives in an unnamed extension block inside Durations.
        var owner = property.ContainingType is { IsExtension: true } block ? block.ContainingType : property.ContainingType;
        if (Is(owner, "Soar.Durations") && Receiver(reference) is { } receiver && Read(receiver) is int count)
        {
            try
            {
                return property.Name switch
                {
                    "Milliseconds" => TimeSpan.FromMilliseconds(count),
                    "Seconds" => TimeSpan.FromSeconds(count),
                    "Minutes" => TimeSpan.FromMinutes(count),
                    "Hours" => TimeSpan.FromHours(count),
                    "Days" => TimeSpan.FromDays(count),
                    "Weeks" => TimeSpan.FromDays(7L * count is var days && days is > int.MaxValue or < int.MinValue ? throw new OverflowException() : (int)days),
                    _ => throw NotAValue(reference),
                };
            }
            catch (Exception problem) when (problem is OverflowException or ArgumentOutOfRangeException)
            {
                throw new HeaderValueException(reference.Syntax, "SOAR1023", $"'{reference.Syntax}' is longer than time can be counted.", "Write a shorter duration, or Until.Lifted.");
            }
        }

        throw NotAValue(reference);
    }

    private static IOperation? Receiver(IPropertyReferenceOperation reference) =>
        reference.Instance ?? (reference.Arguments.Length > 0 ? reference.Arguments[0].Value : null);

    private static object Call(IInvocationOperation call)
    {
        if (call.Arguments.Length == 1 && call.TargetMethod is { IsStatic: true, Name: "Parse" } method && Read(call.Arguments[0].Value) is string text)
        {
            try
            {
                if (Is(method.ContainingType, "Soar.IpAddress")) return IpAddress.Parse(text);
                if (Is(method.ContainingType, "Soar.EmailAddress")) return EmailAddress.Parse(text);
                if (Is(method.ContainingType, "Soar.DomainName")) return DomainName.Parse(text);
            }
            catch (FormatException problem)
            {
                throw new HeaderValueException(call.Syntax, "SOAR1024", problem.Message, "");
            }
        }

        throw NotAValue(call);
    }

    private static object? DefaultOf(IOperation operation, ITypeSymbol type) => type switch
    {
        { IsReferenceType: true } or { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } => null,
        { SpecialType: SpecialType.System_Boolean } => false,
        { SpecialType: SpecialType.System_Int32 } => 0,
        { SpecialType: SpecialType.System_Int64 } => 0L,
        { SpecialType: SpecialType.System_Double } => 0d,
        { SpecialType: SpecialType.System_Decimal } => 0m,
        _ when Is(type, "System.TimeSpan") => TimeSpan.Zero,
        _ => throw NotAValue(operation),
    };

    private static HeaderValueException NotAValue(IOperation operation) =>
        new(operation.Syntax, "SOAR1021", $"'{Short(operation.Syntax)}' is not a value that can be read without running the playbook.", Allowed);

    private static string Short(SyntaxNode node)
    {
        var text = string.Join(' ', node.ToString().Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 57), "…");
    }

    private static bool Is(ITypeSymbol? type, string name) => type?.OriginalDefinition.ToDisplayString() == name;
}

/// <summary>A member of an enum, by name: the header is read where the enum itself may not be loaded.</summary>
internal sealed record EnumMember(string Type, string Name)
{
    public T As<T>() where T : struct, Enum => Enum.Parse<T>(Name);
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Type}.{Name}");
}
