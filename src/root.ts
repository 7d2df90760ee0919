/** The folder of the package: what of it is read at run time is found from here, from the modules as from the bundle. */
export const ROOT = new URL('../../', import.meta.url);
