// The one place where the non-template code of Asio and Beast is compiled.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
