using System.Text;
using ActorKube.Transport;

namespace Transport.Tests;

public sealed class SecretFreeTextTests
{
    static string Shown(string body) => SecretFreeText.OfBody(Encoding.UTF8.GetBytes(body));

    [Theory]
    [InlineData("""{"spec":{"password":"hush"}}""")]
    [InlineData("""{"spec":{"db-password":"hush","client_secret":"hush","id.token":"hush","apiKey":"hush","private-key":"hush"}}""")]
    [InlineData("""{"spec":{"passwords":["hush",{"a":"hush"}],"secrets":{"deep":{"er":"hush"}},"pinToken":12345}}""")]
    [InlineData("""{"env":[{"name":"DB_PASSWORD","value":"hush"},{"value":"hush","name":"API_TOKEN"}]}""")]
    [InlineData("""{"args":["--password=hush","--token","x"],"command":["sh","-c","login --api-key 'a' token=\"hush\""]}""")]
    [InlineData("""{"data":{"app.yaml":"user: me\npassword: hush\n","url":"postgres://me:hush@db/x","header":"Authorization: Bearer hush"}}""")]
    [InlineData("""{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"spec\":{\"password\":\"hush\"}}"}}}""")]
    [InlineData("""{"metadata":{"annotations":{"backup":"{\"apiVersion\":\"v1\",\"data\":{\"k\":\"hush\"},\"kind\":\"Secret\",\"stringData\":{\"k\":\"hush\"}}"}}}""")]
    [InlineData("""{"kind":"List","items":[{"data":{"k":"hush"},"kind":"Secret"}]}""")]
    [InlineData("""{"password":"hush" """)]
    [InlineData("password: hush")]
    [InlineData("k8s\0hush")]
    public void No_secret_is_shown(string body)
    {
        Assert.DoesNotContain("hush", Shown(body));
        Assert.DoesNotContain("12345", Shown(body));
    }

    [Theory]
    [InlineData("""{"kind":"Pod","metadata":{"name":"a","labels":{"app":"web"}},"spec":{"nodeName":"n","x":[1,true,null,1.5]}}""")]
    [InlineData("""{"spec":{"secretName":"tls","tokenExpirationSeconds":3600,"automountServiceAccountToken":false,"note":"the <b> & 'c'"}}""")]
    [InlineData("""{"data":{"k":"not a secret's"},"kind":"ConfigMap"}""")]
    [InlineData("[]")]
    public void The_rest_is_shown_as_it_is(string body) => Assert.Equal(body, Shown(body));

    [Fact]
    public void What_nests_without_end_is_not_shown() => Assert.Equal("<100000 bytes that are not JSON>", Shown(new string('[', 100_000)));

    [Theory]
    [InlineData("https://h/api/v1/namespaces/ns/pods/a/exec?command=mysql&command=-phush&stdin=true", "https://h/api/v1/namespaces/ns/pods/a/exec?command=<hidden>&command=<hidden>&stdin=true")]
    [InlineData("/x?limit=5&token=hush", "/x?limit=5&token=<hidden>")]
    [InlineData("/x?labelSelector=a%3Db", "/x?labelSelector=a%3Db")]
    public void Addresses_lose_programs_arguments_and_tokens(string address, string shown) => Assert.Equal(shown, SecretFreeText.OfAddress(address));
}
