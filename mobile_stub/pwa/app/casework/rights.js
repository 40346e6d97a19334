/**
 * What the owner of the phone may do to a record, by its declaration and what the phone knows; pure.
 *
 * The server judges again, at the position where the phone stood and at its own head: what is offered here is what
 * it would allow, so that nobody writes half an hour what is refused in the evening.
 */

/**
 * Return the roles somebody has in an inspection.
 * @param {{lead?: string, members?: string[]}} inspection its values
 * @param {string} user
 * @returns {('lead' | 'member')[]}
 */
export function rolesIn(inspection, user) {
  if (!user) return [];
  const roles = [];
  if (inspection.lead === user) roles.push('lead');
  if ((inspection.members ?? []).includes(user) || inspection.lead === user) roles.push('member');
  return roles;
}

/**
 * Whether a right of a declaration holds.
 * @param {any} right null: nobody's
 * @param {{roles: string[], root?: string, own?: string, values?: Record<string, any>}} where root, own: stages
 * @returns {boolean}
 */
export function holds(right, { roles, root, own, values = {} }) {
  if (!right) return false;
  if (right.anywhere.some((role) => roles.includes(role))) return true;
  if (!right.roles.some((role) => roles.includes(role))) return false;
  if (right.root_stages && !right.root_stages.includes(root)) return false;
  if (right.own_stages && !right.own_stages.includes(own)) return false;
  return !(right.unless && Object.hasOwn(values, right.unless));
}

/**
 * Return which fields of a record somebody may write now.
 * @param {any} form the type's declaration
 * @param {{roles: string[], root?: string, own?: string, values?: Record<string, any>}} where
 * @returns {string[]}
 */
export const writable = (form, where) =>
  form.fields.filter(({ name, edit }) => name !== 'stage' && holds(edit, where)).map(({ name }) => name);

/**
 * Return the stages that somebody may take a record to from where it stands.
 * @param {any} form
 * @param {{roles: string[], root?: string, own?: string, values?: Record<string, any>}} where
 * @returns {string[]}
 */
export const steps = (form, where) =>
  form.edges.filter((edge) => edge.from === where.own && holds(edge, where)).map(({ to }) => to);

/**
 * Whether somebody may make a record of a type under a root.
 * @param {any} form
 * @param {{roles: string[], root?: string}} where
 * @returns {boolean}
 */
export const mayCreate = (form, where) => holds(form.create, where);

/**
 * Whether somebody may settle a conflict over a record of a type.
 * @param {any} form
 * @param {{roles: string[], root?: string, own?: string}} where
 * @returns {boolean}
 */
export const maySettle = (form, where) => holds(form.resolve, where);
