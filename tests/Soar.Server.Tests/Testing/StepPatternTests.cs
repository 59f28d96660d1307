using Soar.Server.Testing;

namespace Soar.Server.Tests.Testing;

public sealed class StepPatternTests
{
    private const string Path = "await-them[12]/for-each[0]/intel-lookup#2";

    [Theory]
    [InlineData("intel.lookup")]
    [InlineData("intel-lookup")]
    [InlineData("intel-lookup#2")]
    [InlineData("intel.lookup[0]")]
    [InlineData("intel.lookup[partner]")]
    [InlineData("intel.*")]
    [InlineData("await-them/for-each/intel-lookup")]
    [InlineData("await-them[12]/*/intel.lookup")]
    [InlineData("await-them/*")]
    [InlineData("*[12]/for-each[0]/intel-lookup")]
    [InlineData("await-them[12]/for-each[0]/intel-lookup#2")]
    public void Names_of_a_step_fit(string pattern) => Assert.True(new StepPattern(pattern).Fits(Path, "intel.lookup", "partner"));

    [Theory]
    [InlineData("intel.look")]
    [InlineData("intel.lookupobservable")]
    [InlineData("intel-lookup#1")]
    [InlineData("intel.lookup[1]")]
    [InlineData("intel.lookup[local]")]
    [InlineData("await-them[1]/*/intel.lookup")]
    [InlineData("for-each/intel-lookup")]
    public void Others_do_not(string pattern) => Assert.False(new StepPattern(pattern).Fits(Path, "intel.lookup", "partner"));

    [Fact]
    public void The_more_a_pattern_says_the_more_it_weighs()
    {
        string[] rising = ["intel.*", "intel.lookup", "intel.lookup[0]", "intel-lookup", "intel-lookup[0]", "await-them/*", "await-them/*/intel-lookup", "await-them[12]/for-each[0]/intel-lookup"];
        Assert.Equal(rising, rising.OrderBy(p => new StepPattern(p).Weight));
    }
}
