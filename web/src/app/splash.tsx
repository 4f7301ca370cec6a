/** Before the first page is there: nothing but the background, because a flash of a spinner looks slower than it is. */
export const Splash = () => <div style={{ minHeight: '100vh' }} />;
