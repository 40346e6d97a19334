// A provider of OpenID Connect on loopback, for the tests: whoever types a name is that person.
// node provider.mjs PORT BACK
import Provider from "oidc-provider";

const [port, back] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: "wardledger",
    client_secret: "a secret of the tests alone, forty characters",
    redirect_uris: [back],
    grant_types: ["authorization_code"],
    response_types: ["code"],
  }],
  cookies: { keys: ["a key of the tests alone"] },
  pkce: { required: () => true },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
