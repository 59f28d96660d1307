namespace Soar.Lab.Tests.Range;

/// <summary>An sshd whose only key may run soar-nft against the range's gateway, and nothing else.</summary>
public sealed class SshGateway(NetworkRange range) : SshServer($"restrict,command=\"SOAR_NFT='ip netns exec {range.Gateway} nft' {Path.Combine(AppContext.BaseDirectory, "Nftables", "soar-nft")}\" ")
{
    /// <summary>Runs ssh as an attacker with our key would: any text as command.</summary>
    internal Tools.Result Raw(string command) => Tools.Run("ssh", "-F", "none", "-T", "-o", "BatchMode=yes", "-o", $"UserKnownHostsFile={KnownHosts}", "-i", Key, "-p", Port.ToString(), "root@127.0.0.1", command);
}
