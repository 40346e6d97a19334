/** A small database beside the journal: what must be readable while the phone is locked. It holds nothing of a person. */

const STORE = 'rows';
const STRICT = /** @type {const} */ ({ durability: 'strict' });

/**
 * @typedef {object} Shelf
 * @property {(key: string) => Promise<any>} get undefined where there is none
 * @property {(key: string, value: any) => Promise<void>} put undefined removes it; kept for good when it resolves
 */

/**
 * Return the shelf of a name, made where there is none.
 * @param {string} name
 * @returns {Shelf}
 */
export function shelf(name) {
  let open;
  const database = () => (open ??= opened(name));
  const act = async (mode, ask) => {
    const transaction = (await database()).transaction(STORE, mode, mode === 'readwrite' ? STRICT : {});
    const request = ask(transaction.objectStore(STORE));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('the browser kept nothing'));
    });
  };
  return {
    get: (key) => act('readonly', (store) => store.get(key)),
    put: async (key, value) => {
      await act('readwrite', (store) => (value === undefined ? store.delete(key) : store.put(value, key)));
    },
  };
}

function opened(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
