/** Pages that are loaded when somebody goes there; offline they come from the kept shell. */

import { useEffect, useState } from 'preact/hooks';

import { say } from '../words.js';

/**
 * Return a component that loads another one by its name and then is it.
 * @param {() => Promise<any>} load
 * @param {string} name
 */
export function lazy(load, name) {
  let loaded = null;
  return function Lazy(properties) {
    const [Page, setPage] = useState(() => loaded);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (Page) return;
      load().then(
        (module) => {
          loaded = module[name];
          setPage(() => loaded);
        },
        () => setFailed(true),
      );
    }, []);
    if (failed) return <p class="trouble">{say('这一页没有取到。请连上网络后重新打开应用。', 'This page could not be loaded. Connect to the network and open the app again.')}</p>;
    return Page ? <Page {...properties} /> : <p class="quiet" aria-busy="true">{say('正在打开……', 'Opening…')}</p>;
  };
}
