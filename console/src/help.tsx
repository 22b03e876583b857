// The keys.
import { BINDINGS } from './keys';
import type { Store } from './store';
import { say } from './words';

export function Help({ s }: { s: Store }) {
  const texts = [...new Set(BINDINGS.map((b) => b.help))];
  return (
    <section class="panel help" aria-labelledby="help-title">
      <h2 id="help-title">{say(s.lang, 'help.title')}</h2>
      <table>
        <tbody>
          {texts.map((text) => (
            <tr key={text}>
              <th scope="row">
                {BINDINGS.filter((b) => b.help === text).map((b) => (
                  <kbd key={b.code}>{b.code === 'Space' ? say(s.lang, 'key.space') : b.caption}</kbd>
                ))}
              </th>
              <td>{say(s.lang, text)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="dim">{say(s.lang, 'help.note')}</p>
    </section>
  );
}
