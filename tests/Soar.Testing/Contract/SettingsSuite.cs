using System.Reflection;
using System.Runtime.CompilerServices;
using Soar.Connectors;
using Xunit;

namespace Soar.Testing.Contract;

/// <summary>What the settings of every connector owe the person who writes them.</summary>
public abstract class SettingsSuite<TSettings>
    where TSettings : class, IValidatedSettings, new()
{
    /// <summary>The value of every secret in the good settings; it must never be seen again. Another one where a secret has a form of its own, as Base64.</summary>
    protected virtual Secret Canary { get; } = new("c4nary/s3cret+\"42\"=");

    /// <summary>Settings that are wrong in one field each, made from good ones.</summary>
    protected abstract IEnumerable<(TSettings Settings, string Field)> Wrong(TSettings good);

    /// <summary>Makes good settings, and takes away afterwards what they need.</summary>
    protected abstract Task WithGoodAsync(Action<TSettings> look);

    [Fact]
    public void Every_setting_is_described_and_none_is_required_so_that_a_simulated_instance_needs_nothing()
    {
        foreach (var property in Fields(typeof(TSettings)))
        {
            Assert.True(property.GetCustomAttribute<SettingAttribute>()?.Summary.Length > 10, $"{property.DeclaringType!.Name}.{property.Name} has no [Setting]");
            Assert.False(property.IsDefined(typeof(RequiredMemberAttribute)), $"{property.Name} must not be required: Problems() says what is missing");
        }

        // These belong to every instance and never reach the connector.
        Assert.Empty(typeof(TSettings).GetProperties().Select(property => property.Name).Intersect(["Type", "Default", "Simulated", "Clearance", "Rate"]));
    }

    [Fact]
    public Task Good_settings_have_no_problem_and_each_wrong_one_is_named_by_its_field() => WithGoodAsync(good =>
    {
        Assert.Empty(good.Problems());
        var wrong = Wrong(good).ToList();
        Assert.NotEmpty(wrong);
        foreach (var (settings, field) in wrong)
        {
            var problem = settings.Problems().FirstOrDefault(found => found.StartsWith(field + ": ", StringComparison.Ordinal));
            Assert.True(problem?.Length > field.Length + 10, $"{field}: no problem names it. There are: {string.Join(" | ", settings.Problems())}");
        }
    });

    [Fact]
    public void Empty_settings_break_nothing_and_their_problems_name_fields()
    {
        var names = Fields(typeof(TSettings)).Select(property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]).ToHashSet();
        Assert.All(new TSettings().Problems(), problem => Assert.Contains(problem[..problem.IndexOf(':')].Split('.')[^1], names));
    }

    [Fact]
    public Task Every_secret_is_of_the_type_that_does_not_print() => WithGoodAsync(settings =>
    {
        Assert.DoesNotContain(Canary.Reveal(), settings.ToString());
        foreach (var (property, owner) in Held(settings))
        {
            if (property.PropertyType == typeof(Secret)) Assert.True(property.GetValue(owner) is null || ReferenceEquals(property.GetValue(owner), Canary), $"{property.Name} must be Canary in the suite's settings");
            foreach (var word in new[] { "Password", "Token", "Secret", "ApiKey", "Passphrase" })
                if (property.Name.EndsWith(word, StringComparison.Ordinal) && property.PropertyType != typeof(bool)) Assert.Equal(typeof(Secret), property.PropertyType);
        }
    });

    private static IEnumerable<PropertyInfo> Fields(Type settings) => settings.GetProperties().Where(property => property.SetMethod is not null)
        .SelectMany(property => Inner(property.PropertyType) is { } inner ? Fields(inner).Prepend(property) : [property]);

    private static IEnumerable<(PropertyInfo Property, object Owner)> Held(object settings) => settings.GetType().GetProperties().Where(property => property.SetMethod is not null)
        .SelectMany(property => (property.GetValue(settings) switch
        {
            null => [],
            System.Collections.IDictionary map when Inner(property.PropertyType) is not null => map.Values.Cast<object>().SelectMany(Held),
            { } inner when Inner(property.PropertyType) is not null => Held(inner),
            _ => [],
        }).Prepend((property, settings)));

    /// <summary>The settings inside a setting: a record of its own, or those that it holds by name.</summary>
    private static Type? Inner(Type type) => type is { IsGenericType: true } && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) ? Inner(type.GetGenericArguments()[1])
        : type.Assembly == typeof(TSettings).Assembly && type.IsClass ? type : null;
}
