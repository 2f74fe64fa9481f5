/** The frame around every page, and which page is at which address. */
import { LocationProvider, lazy, Route, Router } from 'preact-iso';
import { Footer } from './frame/footer.tsx';
import { Header } from './frame/header.tsx';
import { Home } from './pages/home.tsx';
import { NotFound } from './pages/not-found.tsx';

const ChannelPage = lazy(() => import('./pages/channel-page.tsx').then((page) => page.ChannelPage));
const SearchPage = lazy(() => import('./pages/search-page.tsx').then((page) => page.SearchPage));
const WatchPage = lazy(() => import('./watch/watch-page.tsx').then((page) => page.WatchPage));

export function App() {
  return (
    <LocationProvider>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        <Router>
          <Route path="/" component={Home} />
          <Route path="/channels/:channel" component={ChannelPage} />
          <Route path="/watch/:channel/:item" component={WatchPage} />
          <Route path="/search" component={SearchPage} />
          <Route default component={NotFound} />
        </Router>
      </main>
      <Footer />
    </LocationProvider>
  );
}
