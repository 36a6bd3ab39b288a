// An OpenID provider on a free port of this machine, with the users that the test names. Prints its address.
// Signing in takes the login page's form: POST {prompt, login} as oidc-provider's own development pages do it.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const { redirect, users } = JSON.parse(process.argv[2]);
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      { client_id: "alliance", client_secret: "a secret of this test", redirect_uris: [redirect], grant_types: ["authorization_code"] },
    ],
    claims: { openid: ["sub"], profile: ["preferred_username"], groups: ["groups"] },
    scopes: ["openid", "profile", "groups"],
    conformIdTokenClaims: false, // the claims stand in the ID token, as most company providers have it
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...users[id] }) }),
    cookies: { keys: ["only for this test"] },
  });
  provider.on("server_error", (_, error) => console.error(error));
  server.on("request", provider.callback());
  console.log(issuer);
});
