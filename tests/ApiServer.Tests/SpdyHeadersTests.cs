using ActorKube.ApiServer;

namespace ApiServer.Tests;

public sealed class SpdyHeadersTests
{
    [Fact]
    public void Blocks_compressed_with_the_protocols_dictionary_are_read_one_after_another()
    {
        using var headers = new SpdyHeaders();

        var first = headers.Read(Convert.FromHexString("78f9e3c6a7c202a62346703a2b294a4dcc851625aca9a08006000000ffff"));
        var second = headers.Read(Convert.FromHexString("02a5470c295029930829b08bc079c3c2c0c2004873164122381394f0190d00000000ffff"));

        Assert.Equal([new("streamtype", "error")], first);
        Assert.Equal([new("streamtype", "data"), new("port", "8080"), new("requestid", "0")], second);
    }

    [Fact]
    public void What_is_written_can_be_read()
    {
        using var writer = new SpdyHeaders();
        using var reader = new SpdyHeaders();
        KeyValuePair<string, string>[][] blocks = [[], [new("a", "1"), new("b", "ä")], [new("c", new string('x', 5000))]];

        Assert.All(blocks, block => Assert.Equal(block, reader.Read(writer.Write(block))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00112233")]
    [InlineData("7801000400FBFF7FFFFFFF")]
    [InlineData("7801000C00F3FF000000017FFFFFFF61616161")]
    public void What_is_no_block_is_refused(string bytes)
    {
        using var headers = new SpdyHeaders();

        Assert.Throws<InvalidDataException>(() => headers.Read(Convert.FromHexString(bytes)));
    }
}
