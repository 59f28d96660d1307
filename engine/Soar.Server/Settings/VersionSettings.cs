using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary><c>versions:</c> of the settings: what it takes until a text runs.</summary>
internal sealed record VersionSettings
{
    [Setting("Whether only published playbooks run. false: a playbook that nobody has published runs as its file stands in the folder. Dry runs and tests take files in any case. Default: false.")]
    public bool Required { get; init; }

    [Setting("What another person has to review before it is published: drafts (those of the console and the API), all (then 'soar publish' needs --review-by or a Reviewed-by: of the commit too), or none. Default: drafts.")]
    public ReviewRule Review { get; init; } = ReviewRule.Drafts;
}

internal enum ReviewRule { Drafts, All, None }
