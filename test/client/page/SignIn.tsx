import { useState } from 'preact/hooks';
import { logIn } from './account.ts';
import { writeLink } from './link.ts';

/** Signs in with a password; afterwards the page's address is a link that is signed in. */
export function SignIn({ homeserver, problem }: { homeserver: string; problem: string }) {
  const [failure, setFailure] = useState(problem);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const values = new FormData(event.currentTarget as HTMLFormElement);
    const read = (name: string): string => String(values.get(name) ?? '').trim();
    try {
      const account = await logIn(read('homeserver').replace(/\/+$/, ''), read('user'), read('password'));
      location.hash = writeLink(account);
      location.reload();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form class="sign-in" onSubmit={(event) => void submit(event)}>
      <h1>Sign in</h1>
      <label>
        Homeserver{' '}
        <input name="homeserver" type="url" required value={homeserver} placeholder="http://127.0.0.1:8008" />
      </label>
      <label>
        User <input name="user" required autocomplete="username" />
      </label>
      <label>
        Password <input name="password" type="password" required autocomplete="current-password" />
      </label>
      {failure !== '' && <p role="alert">{failure}</p>}
      <button type="submit">Sign in</button>
    </form>
  );
}
