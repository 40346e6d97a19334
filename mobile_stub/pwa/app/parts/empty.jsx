/** What stands where there is nothing yet: why it is empty, and what would fill it. */

/** @param {{title: string, children?: any}} properties */
export function Empty({ title, children }) {
  return (
    <section class="empty">
      <h2>{title}</h2>
      <p>{children}</p>
    </section>
  );
}
